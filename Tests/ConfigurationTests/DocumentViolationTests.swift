import Testing

@testable import HostConfiguration

@Suite("Violations of the vMCP document")
struct DocumentViolationTests {
    private static func section(_ title: String, _ text: String, _ path: String, _ fragment: String) -> Violation {
        let field = String(text.prefix { $0 != ":" })
        return .file(title, document(text, without: field), path, fragment)
    }

    static let sections: [Violation] = [
        .file("no name", document(without: "name"), "name", "required"),
        section("empty name", "name: \"\"", "name", "required"),
        .file("no group", document(without: "groupRef"), "groupRef", "required"),
        .file("no incoming authentication", document(without: "incomingAuth"), "incomingAuth", "required"),
        .file("no outgoing authentication", document(without: "outgoingAuth"), "outgoingAuth", "required"),
        .file("no aggregation", document(without: "aggregation"), "aggregation", "required"),
        .file("unknown field", document("agregation: {} #!"), "agregation", "did you mean `aggregation`?"),
        .file(
            "misspelt in depth", document("operational:\n  timeouts:\n    defualt: 30s #!"),
            "operational.timeouts.defualt", "did you mean `default`?"),
        section("incoming type", "incomingAuth: {type: basic} #!", "incomingAuth.type", "oidc, anonymous, local"),
        section("OIDC without block", "incomingAuth: #!\n  type: oidc", "incomingAuth.oidc", "`type: oidc` needs it"),
        section(
            "OIDC without issuer", "incomingAuth: {type: oidc, oidc: {audience: a}} #!", "incomingAuth.oidc.issuer",
            "required"),
        section(
            "OIDC without audience", "incomingAuth: {type: oidc, oidc: {issuer: \"https://a\", audience: \"\"}} #!",
            "incomingAuth.oidc.audience", "required"),
        section(
            "relative bundle",
            "incomingAuth: {type: oidc, oidc: {issuer: \"https://a\", audience: a, caBundlePath: ca.pem}} #!",
            "incomingAuth.oidc.caBundlePath", "absolute path"),
        section(
            "bundle that climbs",
            "incomingAuth: {type: oidc, oidc: {issuer: \"https://a\", audience: a, caBundlePath: /etc/../x}} #!",
            "incomingAuth.oidc.caBundlePath", "`..`"),
        section(
            "authorizer", "incomingAuth: {type: anonymous, authz: {type: opa}} #!", "incomingAuth.authz.type",
            "cedar, none"),
        section(
            "no policy", "incomingAuth:\n  type: anonymous\n  authz: {type: cedar} #!", "incomingAuth.authz.policies",
            "at least 1 policy"),
        section("source", "outgoingAuth: {source: mixed} #!", "outgoingAuth.source", "inline, discovered"),
        section(
            "null strategy", "outgoingAuth:\n  source: inline\n  backends:\n    a: null #!", "outgoingAuth.backends.a",
            "expected a mapping"),
        section(
            "strategy", "outgoingAuth: {source: inline, default: {type: basic}} #!", "outgoingAuth.default.type",
            "unauthenticated"),
        section(
            "strategy without block", "outgoingAuth:\n  source: inline\n  default: #!\n    type: token_exchange",
            "outgoingAuth.default.tokenExchange", "needs it"),
        section(
            "no token URL", "outgoingAuth: {source: inline, default: {type: token_exchange, tokenExchange: {}}} #!",
            "outgoingAuth.default.tokenExchange.tokenUrl", "required"),
        section(
            "no header name",
            "outgoingAuth: {source: inline, default: {type: header_injection, headerInjection: {headerValue: a}}} #!",
            "outgoingAuth.default.headerInjection.headerName", "required"),
        section(
            "no header value",
            "outgoingAuth: {source: inline, default: {type: header_injection, headerInjection: {headerName: A}}} #!",
            "outgoingAuth.default.headerInjection", "exactly one of `headerValue`, `headerValueEnv`"),
        section(
            "two header values",
            "outgoingAuth: {source: inline, default: {type: header_injection, headerInjection: {headerName: A, headerValue: a, headerValueEnv: SET}}} #!",
            "outgoingAuth.default.headerInjection", "found `headerValue` and `headerValueEnv`"),
        section(
            "unset variable",
            "outgoingAuth: {source: inline, default: {type: header_injection, headerInjection: {headerName: A, headerValueEnv: UNSET}}} #!",
            "outgoingAuth.default.headerInjection.headerValueEnv", "found it unset"),
        section(
            "empty variable",
            "outgoingAuth: {source: inline, default: {type: header_injection, headerInjection: {headerName: A, headerValueEnv: EMPTY}}} #!",
            "outgoingAuth.default.headerInjection.headerValueEnv", "found it empty"),
        section(
            "unset secret",
            "outgoingAuth: {source: inline, default: {type: token_exchange, tokenExchange: {tokenUrl: a, clientSecretEnv: UNSET}}} #!",
            "outgoingAuth.default.tokenExchange.clientSecretEnv", "found it unset"),
        section(
            "no region", "outgoingAuth: {source: inline, default: {type: aws_sts, awsSts: {fallbackRoleArn: a}}} #!",
            "outgoingAuth.default.awsSts.region", "required"),
        section(
            "two secrets",
            "outgoingAuth: {source: inline, default: {type: obo, obo: {tokenUrl: a, clientSecret: b, clientSecretEnv: SET}}} #!",
            "outgoingAuth.default.obo.clientSecretEnv", "mutually exclusive"),
        section(
            "no token URL of obo", "outgoingAuth: {source: inline, default: {type: obo, obo: {}}} #!",
            "outgoingAuth.default.obo.tokenUrl", "required"),
        section(
            "no target",
            "outgoingAuth: {source: inline, default: {type: xaa, xaa: {idpTokenUrl: a, targetTokenUrl: b}}} #!",
            "outgoingAuth.default.xaa.targetAudience", "required"),
        section(
            "token type",
            "outgoingAuth: {source: inline, default: {type: xaa, xaa: {idpTokenUrl: a, targetTokenUrl: b, targetAudience: c, subjectTokenType: jwt}}} #!",
            "outgoingAuth.default.xaa.subjectTokenType", "id_token"),
        section(
            "client without secret",
            "outgoingAuth: {source: inline, default: {type: xaa, xaa: {idpTokenUrl: a, targetTokenUrl: b, targetAudience: c, idpClientId: d}}} #!",
            "outgoingAuth.default.xaa", "its secret together"),
    ]

    static let aggregation: [Violation] = [
        section(
            "no strategy", "aggregation: #!\n  conflictResolutionConfig: {prefixFormat: a}",
            "aggregation.conflictResolution", "prefix, priority, manual"),
        section(
            "strategy", "aggregation: {conflictResolution: first, conflictResolutionConfig: {prefixFormat: a}} #!",
            "aggregation.conflictResolution", "prefix, priority, manual"),
        section(
            "no parameters", "aggregation: #!\n  conflictResolution: prefix", "aggregation.conflictResolutionConfig",
            "found nothing"),
        section(
            "empty prefix",
            "aggregation: {conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: \"\"}} #!",
            "aggregation.conflictResolutionConfig.prefixFormat", "{workload}_"),
        section(
            "no order", "aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: []}} #!",
            "aggregation.conflictResolutionConfig.priorityOrder", "found none"),
        section(
            "empty name in the order",
            "aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a, \"\"]}} #!",
            "aggregation.conflictResolutionConfig.priorityOrder[1]", "empty text"),
        section(
            "manual without overrides", "aggregation: #!\n  conflictResolution: manual\n  conflictResolutionConfig: {}",
            "aggregation.tools", "manual needs them"),
        section(
            "visibility",
            "aggregation: {conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: a}, defaultToolVisibility: hidden} #!",
            "aggregation.defaultToolVisibility", "allow, deny"),
        section(
            "hidden winner",
            "aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [fetch]}, defaultToolVisibility: deny} #!",
            "aggregation.conflictResolutionConfig.priorityOrder[0]", "then be hidden"),
        section(
            "workload twice",
            "aggregation:\n  conflictResolution: prefix\n  conflictResolutionConfig: {prefixFormat: a}\n  tools:\n    - {workload: fetch}\n    - {workload: fetch} #!",
            "aggregation.tools[1].workload", "found `fetch` again"),
        section(
            "override of nothing",
            "aggregation:\n  conflictResolution: prefix\n  conflictResolutionConfig: {prefixFormat: a}\n  tools:\n    - workload: fetch\n      overrides: {get: {}} #!",
            "aggregation.tools[0].overrides.get", "say what changes"),
        section(
            "one name for two tools",
            "aggregation:\n  conflictResolution: prefix\n  conflictResolutionConfig: {prefixFormat: a}\n  tools:\n    - workload: fetch\n      overrides:\n        get: {name: x}\n        put: {name: x} #!",
            "aggregation.tools[0].overrides.put.name", "found `x` again"),
        section(
            "prefix mode",
            "aggregation: {conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: a, prefixMode: never}} #!",
            "aggregation.conflictResolutionConfig.prefixMode", "always, onConflict"),
    ]

    static let rest: [Violation] = [
        .file(
            "no time", document("operational: {timeouts: {default: 0s}} #!"), "operational.timeouts.default",
            "greater than 0"),
        .file(
            "no time for a backend", document("operational: {timeouts: {perWorkload: {fetch: 0s}}} #!"),
            "operational.timeouts.perWorkload.fetch", "greater than 0"),
        .file(
            "negative time", document("operational: {timeouts: {default: -5s}} #!"), "operational.timeouts.default",
            "negative"),
        .file(
            "bare number", document("operational: {timeouts: {default: 30}} #!"), "operational.timeouts.default",
            "add a unit, such as 30s"),
        .file(
            "unknown unit", document("operational: {timeouts: {default: 30sec}} #!"), "operational.timeouts.default",
            "units are"),
        .file(
            "no interval",
            document("operational: {failureHandling: {healthCheckInterval: 0s, healthCheckTimeout: 5s}} #!"),
            "operational.failureHandling.healthCheckInterval", "greater than 0"),
        .file(
            "no threshold", document("operational: {failureHandling: {unhealthyThreshold: 0}} #!"),
            "operational.failureHandling.unhealthyThreshold", "at least 1"),
        .file(
            "slow check",
            document("operational: {failureHandling: {healthCheckInterval: 10s, healthCheckTimeout: 10s}} #!"),
            "operational.failureHandling.healthCheckTimeout", "less than `healthCheckInterval`"),
        .file(
            "failure mode", document("operational: {failureHandling: {partialFailureMode: best-effort}} #!"),
            "operational.failureHandling.partialFailureMode", "did you mean `best_effort`?"),
        .file(
            "breaker that never opens",
            document("operational: {failureHandling: {circuitBreaker: {enabled: true, failureThreshold: 0}}} #!"),
            "operational.failureHandling.circuitBreaker.failureThreshold", "at least 1"),
        .file(
            "impatient breaker",
            document("operational: {failureHandling: {circuitBreaker: {enabled: true, timeout: 900ms}}} #!"),
            "operational.failureHandling.circuitBreaker.timeout", "at least 1s"),
        .file("log level", document("operational: {logLevel: trace} #!"), "operational.logLevel", "debug"),
        section(
            "backend without name", "backends:\n  - {name: \"\", url: \"https://x.example.com\", transport: sse} #!",
            "backends[0].name", "empty text"),
        section(
            "backend twice",
            "backends:\n  - {name: a, url: \"https://x.example.com\", transport: sse}\n  - {name: a, url: \"https://y.example.com\", transport: sse} #!",
            "backends[1].name", "found `a` again"),
        section(
            "backend type", "backends:\n  - {name: a, url: \"https://x.example.com\", transport: sse, type: proxy} #!",
            "backends[0].type", "entry"),
        section(
            "bundle of another type",
            "backends:\n  - {name: a, url: \"https://x.example.com\", transport: sse, caBundlePath: /ca.pem} #!",
            "backends[0].caBundlePath", "`type: entry`"),
        section(
            "relative bundle of a backend",
            "backends:\n  - {name: a, url: \"https://x.example.com\", transport: sse, type: entry, caBundlePath: ca.pem} #!",
            "backends[0].caBundlePath", "absolute path"),
        section(
            "backend URL", "backends:\n  - {name: a, url: \"x.example.com\", transport: sse} #!", "backends[0].url",
            "http:// or https://"),
        section(
            "backend at metadata", "backends:\n  - {name: a, url: \"http://169.254.169.254\", transport: sse} #!",
            "backends[0].url", "always refused"),
        section(
            "backend transport", "backends:\n  - {name: a, url: \"https://x.example.com\", transport: stdio} #!",
            "backends[0].transport", "sse, streamable-http"),
        .file("empty header", document("passthroughHeaders: [\"\"] #!"), "passthroughHeaders[0]", "empty text"),
        .file(
            "restricted header", document("passthroughHeaders: [X-Forwarded-For] #!"), "passthroughHeaders[0]",
            "restricted header"),
        .file(
            "credentials", document("passthroughHeaders: [authorization] #!"), "passthroughHeaders[0]",
            "restricted header"),
        .file("no token", document("passthroughHeaders: [\"a b\"] #!"), "passthroughHeaders[0]", "HTTP header name"),
        .file(
            "provider", document("optimizer: {embeddingProvider: cohere} #!"), "optimizer.embeddingProvider",
            "tei, openai"),
        .file(
            "model", document("optimizer: #!\n  embeddingProvider: openai\n  embeddingService: https://a"),
            "optimizer.embeddingModel", "needs it"),
        .file(
            "too many tools", document("optimizer: {maxToolsToReturn: 51} #!"), "optimizer.maxToolsToReturn",
            "from 0 to 50"),
        .file(
            "ratio", document("optimizer: {hybridSearchSemanticRatio: \"1.1\"} #!"),
            "optimizer.hybridSearchSemanticRatio", "from 0 to 1"),
        .file(
            "distance", document("optimizer: {semanticDistanceThreshold: \"2.1\"} #!"),
            "optimizer.semanticDistanceThreshold", "from 0 to 2"),
        .file(
            "Redis prefix", document("sessionStorage: {provider: redis, address: a, keyPrefix: a} #!"),
            "sessionStorage.keyPrefix", "ends in `:`"),
        .file(
            "rate limit without Redis", document("rateLimiting: #!\n  shared: {maxTokens: 1, refillPeriod: 1s}"),
            "rateLimiting", "redis"),
        .file("code mode", document("codeMode: {stepLimit: 0} #!"), "codeMode.stepLimit", "at least 1"),
        .file(
            "delegation depth", document("audit: {maxDelegationDepth: 0} #!"), "audit.maxDelegationDepth", "at least 1"),
    ]

    @Test("Is rejected with its place", arguments: sections + aggregation + rest)
    func rejected(violation: Violation) throws {
        try violation.check { $0.environment = ["SET": "value", "EMPTY": ""] }
    }
}
