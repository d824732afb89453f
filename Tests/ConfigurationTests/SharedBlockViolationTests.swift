import Testing

@testable import HostConfiguration

@Suite("Violations of the shared blocks")
struct SharedBlockViolationTests {
    private static func server(_ title: String, _ more: String, _ path: String, _ fragment: String) -> Violation {
        .spec("MCPServer", title, "image: uvx://a\n" + more, path, fragment)
    }

    static let bucket = "{maxTokens: 1, refillPeriod: 1s}"
    static let redis = "sessionStorage: {provider: redis, address: \"r:1\"}\n"

    static let all: [Violation] = [
        server(
            "both forms of authorization",
            "authzConfigRef: {name: policies} #!\nauthzConfig: {configMap: {name: texts}}", "spec.authzConfigRef",
            "mutually exclusive"),
        server(
            "policies of a ConfigMap without it", "authzConfig: #!\n  type: configMap", "spec.authzConfig.configMap",
            "`type: configMap` needs it"),
        server(
            "policies of a ConfigMap by default without it", "authzConfig: #!\n  groupClaimName: g",
            "spec.authzConfig.configMap", "`type: configMap` needs it"),
        server(
            "ConfigMap with inline policies",
            "authzConfig:\n  type: inline\n  inline: {policies: [a]}\n  configMap: {name: texts} #!",
            "spec.authzConfig.configMap", "with `type: configMap` only"),
        server(
            "inline policies without the block", "authzConfig: #!\n  type: inline", "spec.authzConfig.inline",
            "`type: inline` needs it"),
        server(
            "no inline policy", "authzConfig:\n  type: inline\n  inline:\n    policies: [] #!",
            "spec.authzConfig.inline.policies", "at least 1 item"),
        server(
            "entity type", "authzConfig:\n  configMap: {name: texts}\n  groupEntityType: 12 #!",
            "spec.authzConfig.groupEntityType", "put it in quotes"),
        server(
            "entity type pattern", "authzConfig:\n  configMap: {name: texts}\n  groupEntityType: a-b #!",
            "spec.authzConfig.groupEntityType", "letters, digits and underscores"),
        server(
            "empty rate limit", redis + "rateLimiting: {} #!", "spec.rateLimiting",
            "`shared`, `perUser` or a non-empty `tools`"),
        server(
            "tool without bucket", redis + "rateLimiting:\n  tools:\n    - {name: a} #!", "spec.rateLimiting.tools[0]",
            "`shared` or `perUser`"),
        server(
            "tool twice",
            redis
                + "rateLimiting:\n  tools:\n    - {name: a, shared: \(bucket)}\n    - {name: a, shared: \(bucket)} #!",
            "spec.rateLimiting.tools[1].name", "found \"a\" again"),
        server(
            "rate limit without Redis", "rateLimiting: #!\n  shared: \(bucket)", "spec.rateLimiting",
            "`sessionStorage.provider: redis`"),
        server(
            "rate limit in memory", "sessionStorage: {provider: memory}\nrateLimiting: #!\n  shared: \(bucket)",
            "spec.rateLimiting", "found memory"),
        server(
            "bucket per user without authentication", redis + "rateLimiting:\n  perUser: \(bucket) #!",
            "spec.rateLimiting.perUser", "`oidcConfigRef` or `externalAuthConfigRef`"),
        server(
            "tool bucket per user without authentication",
            redis + "rateLimiting:\n  tools: [{name: a, perUser: \(bucket)}] #!", "spec.rateLimiting.tools[0].perUser",
            "`oidcConfigRef` or `externalAuthConfigRef`"),
        server(
            "bucket of no token", redis + "rateLimiting:\n  shared: {maxTokens: 0, refillPeriod: 1s} #!",
            "spec.rateLimiting.shared.maxTokens", "at least 1"),
        server(
            "refill period without unit", redis + "rateLimiting:\n  shared: {maxTokens: 1, refillPeriod: 60} #!",
            "spec.rateLimiting.shared.refillPeriod", "add a unit, such as 60s"),
        server(
            "Redis without address", "sessionStorage: #!\n  provider: redis", "spec.sessionStorage.address",
            "`provider: redis` needs it"),
        server(
            "session storage elsewhere", "sessionStorage: {provider: etcd} #!", "spec.sessionStorage.provider",
            "memory, redis"),
        server(
            "Redis database", "sessionStorage: {provider: redis, address: a, db: -1} #!", "spec.sessionStorage.db",
            "at least 0"),
        server("group without name", "groupRef: {name: \"\"} #!", "spec.groupRef.name", "at least 1 character"),
        server("group that is missing", "groupRef: {name: tool} #!", "spec.groupRef.name", "did you mean `tools`?"),
        server("audience", "oidcConfigRef: {name: oidc} #!", "spec.oidcConfigRef.audience", "required"),
        server(
            "kind of the authorization server", "authServerRef: {kind: Other, name: auth-server} #!",
            "spec.authServerRef.kind", "MCPExternalAuthConfig"),
        server(
            "type of the authorization server", "authServerRef: {name: no-auth} #!", "spec.authServerRef.name",
            "embeddedAuthServer"),
        server(
            "missing tool configuration", "toolConfigRef: {name: other} #!", "spec.toolConfigRef.name",
            "expected MCPToolConfig `other`"),
        server(
            "missing telemetry", "telemetryConfigRef: {name: other} #!", "spec.telemetryConfigRef.name",
            "expected MCPTelemetryConfig"),
        server(
            "missing OIDC configuration", "oidcConfigRef: {name: other, audience: a} #!", "spec.oidcConfigRef.name",
            "expected MCPOIDCConfig"),
        server(
            "missing external authentication", "externalAuthConfigRef: {name: other} #!",
            "spec.externalAuthConfigRef.name", "expected MCPExternalAuthConfig"),
        server(
            "missing policies", "authzConfigRef: {name: other} #!", "spec.authzConfigRef.name",
            "expected MCPAuthzConfig"),
        server(
            "missing ConfigMap", "authzConfig: {configMap: {name: other}} #!", "spec.authzConfig.configMap.name",
            "expected ConfigMap `other`"),
        server(
            "missing key of a ConfigMap", "authzConfig: {configMap: {name: texts, key: x}} #!",
            "spec.authzConfig.configMap.key", "which it does not have"),
        server(
            "missing Secret", "secrets: [{name: key, key: token}] #!", "spec.secrets[0].name", "did you mean `keys`?"),
        server(
            "missing key of a Secret", "secrets: [{name: keys, key: tokens}] #!", "spec.secrets[0].key",
            "did you mean `token`?"),
        server("affinity", "sessionAffinity: clientip #!", "spec.sessionAffinity", "did you mean `ClientIP`?"),
        server("port", "proxyPort: 70000 #!", "spec.proxyPort", "from 1 to 65535"),
        server("replicas", "replicas: -1 #!", "spec.replicas", "at least 0"),
        server("quantity", "resources: {limits: {cpu: 1}} #!", "spec.resources.limits.cpu", "put it in quotes"),
        server(
            "environment of the proxy",
            "resourceOverrides: {proxyDeployment: {env: [{name: A, value: \"1\"}, {name: A, value: \"2\"}]}} #!",
            "spec.resourceOverrides.proxyDeployment.env[1].name", "found \"A\" again"),
    ]

    @Test("Is rejected with its place", arguments: all)
    func rejected(violation: Violation) throws { try violation.check() }
}
