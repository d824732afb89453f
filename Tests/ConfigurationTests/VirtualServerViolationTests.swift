import Testing

@testable import HostConfiguration

@Suite("Violations of VirtualMCPServer")
struct VirtualServerViolationTests {
    private static let minimum = "groupRef: {name: tools}\nincomingAuth: {type: anonymous}\n"

    private static func server(_ title: String, _ more: String, _ path: String, _ fragment: String) -> Violation {
        .spec("VirtualMCPServer", title, minimum + more, path, fragment)
    }

    private static func config(_ title: String, _ more: String, _ path: String, _ fragment: String) -> Violation {
        server(title, "config:\n" + indented(more), "spec.config" + path, fragment)
    }

    static let all: [Violation] = [
        .spec("VirtualMCPServer", "no group", "incomingAuth: {type: anonymous}", "spec.groupRef", "required"),
        .spec(
            "VirtualMCPServer", "empty group", "incomingAuth: {type: anonymous}\ngroupRef: {name: \"\"} #!",
            "spec.groupRef.name", "at least 1"),
        .spec(
            "VirtualMCPServer", "no incoming authentication", "groupRef: {name: tools}", "spec.incomingAuth",
            "required"),
        .spec(
            "VirtualMCPServer", "OIDC without reference", "groupRef: {name: tools}\nincomingAuth: {type: oidc} #!",
            "spec.incomingAuth.oidcConfigRef", "`type: oidc` needs it"),
        .spec(
            "VirtualMCPServer", "both forms of authorization",
            "groupRef: {name: tools}\nincomingAuth: {type: anonymous, authzConfig: {configMap: {name: texts}}, authzConfigRef: {name: policies}} #!",
            "spec.incomingAuth.authzConfigRef", "mutually exclusive"),
        config(
            "rate limit without Redis", "rateLimiting: #!\n  shared: {maxTokens: 1, refillPeriod: 1s}", ".rateLimiting",
            "redis"),
        server(
            "bucket per user for anybody",
            "sessionStorage: {provider: redis, address: a}\nconfig: {rateLimiting: {perUser: {maxTokens: 1, refillPeriod: 1s}}} #!",
            "spec.config.rateLimiting.perUser", "`incomingAuth.type: oidc`"),
        server(
            "two embedding services",
            "config: {optimizer: {embeddingProvider: openai, embeddingService: \"https://a\", embeddingModel: m}}\nembeddingServerRef: {name: embedding} #!",
            "spec.embeddingServerRef", "remove one"),
        config(
            "headers for tei", "optimizer:\n  embeddingService: http://a\n  embeddingHeaders: {X-A: b} #!",
            ".optimizer.embeddingHeaders", "openai` only"),
        config(
            "header that is no token",
            "optimizer:\n  embeddingProvider: openai\n  embeddingModel: m\n  embeddingService: http://a\n  embeddingHeaders:\n    \"X A\": b #!",
            ".optimizer.embeddingHeaders[\"X A\"]", "HTTP header name"),
        config(
            "reserved header",
            "optimizer:\n  embeddingProvider: openai\n  embeddingModel: m\n  embeddingService: http://a\n  embeddingHeaders:\n    authorization: b #!",
            ".optimizer.embeddingHeaders.authorization", "reserved header"),
        config(
            "impatient breaker", "operational: {failureHandling: {circuitBreaker: {timeout: 500ms}}} #!",
            ".operational.failureHandling.circuitBreaker.timeout", "at least 1s"),
        server(
            "strategy without type", "outgoingAuth: {backends: {a: {}}} #!", "spec.outgoingAuth.backends.a.type",
            "required"),
        server(
            "strategy without reference", "outgoingAuth: {backends: {a: {type: externalAuthConfigRef}}} #!",
            "spec.outgoingAuth.backends.a.externalAuthConfigRef", "needs it"),
        server(
            "reference without name",
            "outgoingAuth: {backends: {a: {type: externalAuthConfigRef, externalAuthConfigRef: {name: \"\"}}}} #!",
            "spec.outgoingAuth.backends.a.externalAuthConfigRef.name", "empty text"),
        server(
            "reference with discovery",
            "outgoingAuth: {default: {type: discovered, externalAuthConfigRef: {name: no-auth}}} #!",
            "spec.outgoingAuth.default.externalAuthConfigRef", "only"),
        config(
            "strategy", "aggregation: {conflictResolution: random} #!", ".aggregation.conflictResolution",
            "prefix, priority, manual"),
        config(
            "priority without order",
            "aggregation:\n  conflictResolution: priority\n  conflictResolutionConfig: {prefixFormat: a} #!",
            ".aggregation.conflictResolutionConfig.priorityOrder", "priority needs them"),
        config(
            "empty workload", "aggregation:\n  tools:\n    - {workload: \"\"} #!", ".aggregation.tools[0].workload",
            "empty text"),
        config(
            "workload missing", "aggregation:\n  tools:\n    - {filter: [a]} #!", ".aggregation.tools[0].workload",
            "required"),
        config(
            "tool configuration without name",
            "aggregation:\n  tools:\n    - {workload: a, toolConfigRef: {name: \"\"}} #!",
            ".aggregation.tools[0].toolConfigRef.name", "empty text"),
        config(
            "tool configuration that is missing",
            "aggregation:\n  tools:\n    - {workload: a, toolConfigRef: {name: none}} #!",
            ".aggregation.tools[0].toolConfigRef.name", "expected MCPToolConfig `none`"),
        config(
            "composite tool twice",
            "compositeTools:\n  - {name: a, description: d, steps: [{id: s, tool: t}]}\n  - {name: a, description: d, steps: [{id: s, tool: t}]} #!",
            ".compositeTools[1].name", "found `a` again"),
        config(
            "composite tool inline and referenced",
            "compositeTools:\n  - {name: flow, description: d, steps: [{id: s, tool: t}]}\ncompositeToolRefs:\n  - {name: flow} #!",
            ".compositeToolRefs[0]", "found `flow` again"),
        config(
            "composite tool that is missing", "compositeToolRefs:\n  - {name: flows} #!", ".compositeToolRefs[0].name",
            "did you mean `flow`?"),
        config("optimizer without service", "optimizer: #!\n  maxToolsToReturn: 5", ".optimizer", "found neither"),
        config("unknown field", "agregation: {} #!", ".agregation", "did you mean `aggregation`?"),
        server(
            "authorization server for anybody",
            "authServerConfig: #!\n  issuer: https://a.example.com\n  upstreamProviders: [{name: a, type: oidc, oidcConfig: {clientId: c, issuerUrl: \"https://x\"}}]",
            "spec.authServerConfig", "`incomingAuth.type: oidc`"),
        .spec(
            "VirtualMCPServer", "issuer of another",
            "groupRef: {name: tools}\nincomingAuth: {type: oidc, oidcConfigRef: {name: oidc, audience: a}}\nauthServerConfig:\n  issuer: https://a.example.com #!\n  upstreamProviders: [{name: a, type: oidc, oidcConfig: {clientId: c, issuerUrl: \"https://x\"}}]",
            "spec.authServerConfig.issuer", "https://id.example.com"),
        server(
            "restricted header", "passthroughHeaders:\n  - Cookie #!", "spec.passthroughHeaders[0]", "restricted header"
        ),
        server(
            "prefix without colon", "sessionStorage: {provider: memory, keyPrefix: a} #!",
            "spec.sessionStorage.keyPrefix", "ends in `:`"),
        server("service type", "serviceType: Ingress #!", "spec.serviceType", "ClusterIP"),
        server(
            "embedding server that is missing", "embeddingServerRef: {name: other} #!", "spec.embeddingServerRef.name",
            "expected EmbeddingServer"),
    ]

    @Test("Is rejected with its place", arguments: all)
    func rejected(violation: Violation) throws { try violation.check() }

    @Test("An unknown field of spec.config is a warning in a cluster, whose API server keeps it")
    func keptInCluster() throws {
        let text = documents(
            resource("MCPGroup", "tools"),
            resource("VirtualMCPServer", spec: Self.minimum + "config: {agregation: {}}"))
        let result = try load(text) { $0.target = .cluster }
        #expect(result.errors.map(\.description) == [])
        #expect(result.warnings.contains { $0.path == "spec.config.agregation" })
    }

    @Test("Fields of spec.config that the resource itself decides are called ineffective")
    func overwritten() throws {
        let text = documents(
            resource("MCPGroup", "tools"),
            resource(
                "VirtualMCPServer",
                spec: Self.minimum + "config:\n  groupRef: others\n  telemetry: {tracingEnabled: true}\n  backends: []")
        )
        let result = try load(text)
        #expect(result.errors.isEmpty)
        let paths = result.warnings.map(\.path)
        #expect(paths.contains("spec.config.groupRef") && paths.contains("spec.config.telemetry"))
        #expect(result.configuration?.notImplemented.isEmpty == true)
    }
}
