/// The vMCP configuration document (resource specification, section 16): the file given to `--config`, and
/// `VirtualMCPServer.spec.config`.
enum VMCPDocumentSchema {
    /// The document as a file of its own.
    static let file = ObjectShape(fields, rules: [DocumentRules.checkFile])
    /// The document inside a VirtualMCPServer, whose rules are its own.
    static let resourceConfig = ObjectShape(fields)

    private static let fields: [Field] = [
        .optional("aggregation", aggregation), .optional("audit", audit),
        .optional("backends", .list(.object(backend))),
        .optional(
            "codeMode",
            .object(
                .optional("enabled", .boolean), .optional("parallelMaxConcurrency", .positive, default: "10"),
                .optional("stepLimit", .integer(1...Int.max), default: "100000"),
                .optional("toolCallTimeout", .duration, default: "30s"))),
        .optional(
            "compositeToolRefs", .list(SharedBlocks.reference("VirtualMCPCompositeToolDefinition"), uniqueBy: "name")),
        .optional("compositeTools", .list(.object(CompositeToolSchema.tool))), .optional("groupRef", .text),
        .optional("incomingAuth", ProcessAuthSchema.incoming), .optional("metadata", .textMap),
        .optional("name", .text),
        .optional("operational", operational), .optional("optimizer", .object(optimizer)),
        .optional("outgoingAuth", ProcessAuthSchema.outgoing), .optional("passthroughHeaders", .texts),
        .optional("rateLimiting", SharedBlocks.rateLimiting), .optional("sessionStorage", sessionStorage),
        .optional("telemetry", telemetry),
    ]

    /// `prefixMode` and `shortenNames` are our additions.
    static let conflictResolutionConfig = ObjectShape([
        .optional("prefixFormat", .text, default: "{workload}_"), .optional("priorityOrder", .texts),
        .optional("prefixMode", .oneOf("always", "onConflict"), default: "always"),
        .optional("shortenNames", .boolean, default: "true"),
    ])

    static let aggregation = Shape.object(
        .optional("conflictResolution", .oneOf("prefix", "priority", "manual"), default: "prefix"),
        .optional("conflictResolutionConfig", .object(conflictResolutionConfig)),
        .optional("defaultToolVisibility", .oneOf("allow", "deny", "")), .optional("excludeAllTools", .boolean),
        .optional(
            "tools",
            .list(
                .object(
                    .optional("excludeAll", .boolean), .optional("filter", .texts),
                    .optional("overrides", .map(MCPToolConfigSchema.overrideEntry)),
                    .optional("toolConfigRef", SharedBlocks.toolConfigRef), .required("workload", .text)))))

    private static let audit = Shape.object(
        .optional("component", .text), .optional("detectApplicationErrors", .boolean, default: "true"),
        .optional("enabled", .boolean, default: "false"), .optional("eventTypes", .texts),
        .optional("excludeEventTypes", .texts), .optional("includeRequestData", .boolean, default: "false"),
        .optional("includeResponseData", .boolean, default: "false"), .optional("logFile", .text),
        .optional("maxDataSize", .nonNegative, default: "1024"),
        .optional("maxDelegationDepth", .positive, default: "10"))

    static let backend = ObjectShape([
        .optional("caBundlePath", .text), .optional("metadata", .textMap), .required("name", .text),
        .required("transport", .oneOf("sse", "streamable-http", "streamable")), .optional("type", .oneOf("entry", "")),
        .required("url", RemoteURL.shape),
    ])

    static let operational = Shape.object(
        .optional(
            "failureHandling",
            .object(
                .optional(
                    "circuitBreaker",
                    .object(
                        .optional("enabled", .boolean, default: "false"),
                        .optional("failureThreshold", .positive, default: "5"),
                        .optional("timeout", .duration, default: "60s"))),
                .optional("healthCheckInterval", .duration, default: "30s"),
                // Our addition.
                .optional("healthCheckRemotes", .boolean, default: "true"),
                .optional("healthCheckTimeout", .duration, default: "10s"),
                // `fail` is the reference's default, which never acts there; ours acts when it is written.
                .optional("partialFailureMode", .oneOf("fail", "best_effort"), default: "best_effort"),
                .optional("statusReportingInterval", .duration, default: "30s"),
                .optional("unhealthyThreshold", .positive, default: "3"))),
        // Our addition.
        .optional("limits", Limit.shape),
        .optional("logLevel", .oneOf("debug", "")),
        // Our addition.
        .optional(
            "retries",
            .object(
                .optional("default", .integer(0...10), default: "2"),
                .optional("perWorkload", .map(.integer(0...10))))),
        .optional(
            "timeouts",
            .object(
                // Our addition: connect.
                .optional("connect", .duration), .optional("default", .duration, default: "30s"),
                .optional("perWorkload", .map(.duration)))))

    private static let ratio = Shape.text(
        TextRule(pattern: "^([0-9]*[.])?[0-9]+$", hint: "a number as text, such as \"0.5\"", takesNumbers: true))

    static let optimizer = ObjectShape(
        [
            // Our additions: cacheFile, embeddingThreads, pinned, ranking.
            .optional("cacheFile", .text),
            .optional("embeddingThreads", .integer(1...64)),
            .optional("pinned", .textSet),
            .optional("ranking", .oneOf("hybrid", "reference"), default: "hybrid"),
            .optional(
                "embeddingHeaders",
                .map(
                    .text(
                        TextRule(
                            pattern: #"^[^\x00-\x08\x0A-\x1F\x7F]*$"#, length: 1...8192,
                            hint: "a header value without control characters", isSecret: true)), limit: 32)),
            .optional("embeddingModel", .text),
            // Ours too: any name that a plugin serves, such as local.
            .optional("embeddingProvider", .text),
            .optional("embeddingService", .text), .optional("embeddingServiceTimeout", .duration, default: "30s"),
            .optional("hybridSearchSemanticRatio", ratio), .optional("maxToolsToReturn", .integer(0...50)),
            .optional("semanticDistanceThreshold", ratio),
        ], rules: [OptimizerRules.check])

    private static let sessionStorage = Shape.object(
        ObjectShape(
            [
                .required("provider", .oneOf("memory", "redis")), .optional("address", .text),
                .optional("db", .nonNegative, default: "0"), .optional("keyPrefix", .text),
            ], rules: [SharedRules.redisAddress]))

    private static let telemetry = Shape.object(
        .optional("caCertPath", .text), .optional("customAttributes", .textMap),
        .optional("enablePrometheusMetricsPath", .boolean, default: "false"), .optional("endpoint", .text),
        .optional("environmentVariables", .texts), .optional("headers", .secretTextMap),
        .optional("insecure", .boolean, default: "false"), .optional("metricsEnabled", .boolean, default: "false"),
        .optional("metricsOnTransportPort", .boolean), .optional("prometheusPort", .integer(0...65535)),
        .optional(
            "samplingRate", .text(#"^(0(\.\d+)?|1(\.0+)?)?$"#, hint: "a ratio from 0 to 1 as text, such as \"0.05\""),
            default: "0.05"), .optional("serviceName", .text), .optional("serviceVersion", .text),
        .optional("tracingEnabled", .boolean, default: "false"),
        .optional("useLegacyAttributes", .boolean, default: "true"))
}
