/// MCPTelemetryConfig (resource specification, section 13).
enum MCPTelemetryConfigSchema {
    static let spec = ObjectShape([
        .optional("openTelemetry", openTelemetry),
        .optional("prometheus", .object(.optional("enabled", .boolean, default: "false"))),
    ])

    private static let openTelemetry = Shape.object(
        ObjectShape(
            [
                .optional("caBundleRef", SharedBlocks.caBundle), .optional("enabled", .boolean, default: "false"),
                .optional("endpoint", .text), .optional("headers", .secretTextMap),
                .optional("insecure", .boolean, default: "false"),
                .optional("metrics", .object(.optional("enabled", .boolean, default: "false"))),
                .optional("resourceAttributes", .textMap),
                .optional(
                    "sensitiveHeaders",
                    .list(
                        .object(
                            .required("name", .text(length: 1...Int.max)),
                            .required("secretKeyRef", SharedBlocks.secretKey)), uniqueBy: "name")),
                .optional(
                    "tracing",
                    .object(
                        .optional("enabled", .boolean, default: "false"),
                        .optional(
                            "samplingRate",
                            .text(#"^(0(\.\d+)?|1(\.0+)?)$"#, hint: "a ratio from 0 to 1 as text, such as \"0.05\""),
                            default: "0.05"))),
                .optional("useLegacyAttributes", .boolean, default: "true"),
            ], rules: [endpointNeedsSignal, headersDiffer]))

    private static let endpointNeedsSignal: ObjectShape.Rule = { value, validation in
        guard let endpoint = value["endpoint"], endpoint.text?.isEmpty == false,
            value.at("tracing", "enabled")?.boolean != true, value.at("metrics", "enabled")?.boolean != true
        else { return }
        validation.log.error(
            at: endpoint,
            "expected `tracing.enabled` or `metrics.enabled` with an endpoint, found both off; switch one on or remove it"
        )
    }

    private static let headersDiffer: ObjectShape.Rule = { value, validation in
        let plain = Set((value["headers"]?.entries ?? []).map(\.key))
        for header in value["sensitiveHeaders"]?.items ?? [] {
            guard let name = header["name"], let text = name.text, plain.contains(text) else { continue }
            validation.log.error(
                at: name, "expected a name that `headers` does not have, found `\(text)` in both; keep one")
        }
    }
}
