/// The rules of VirtualMCPServer (resource specification, sections 7.1 and 7.2).
enum VirtualMCPServerRules {
    static let oidcNeedsReference: ObjectShape.Rule = { value, validation in
        if value["type"]?.text == "oidc", value["oidcConfigRef"] == nil {
            validation.log.error(
                at: value, field: "oidcConfigRef", "expected an MCPOIDCConfig, found nothing; `type: oidc` needs it")
        }
    }

    static let check: ObjectShape.Rule = { spec, validation in
        HeaderRules.checkPassthrough(spec["passthroughHeaders"], validation: validation)
        SharedRules.checkRateLimit(
            spec.at("config", "rateLimiting"), storage: spec["sessionStorage"],
            isAuthenticated: spec.at("incomingAuth", "type")?.text == "oidc",
            authentication: "`incomingAuth.type: oidc`", validation: validation)
        checkOptimizer(spec, validation: validation)
        checkPrefix(spec["sessionStorage"], validation: validation)
        if let config = spec["config"] {
            DocumentRules.checkAggregation(config["aggregation"], isFile: false, validation: validation)
            DocumentRules.checkShared(config, validation: validation)
            warnAboutOverwritten(config, spec: spec, validation: validation)
        }
    }

    /// Key prefixes end in a colon, so that two gateways cannot read each other's keys by accident.
    static func checkPrefix(_ storage: Located?, validation: Validation) {
        guard let prefix = storage?["keyPrefix"], let text = prefix.text, !text.isEmpty, !text.hasSuffix(":") else {
            return
        }
        validation.log.error(at: prefix, "expected a prefix that ends in `:`, found \"\(text)\"; add the colon")
    }

    private static func checkOptimizer(_ spec: Located, validation: Validation) {
        let optimizer = spec.at("config", "optimizer")
        let embedding = spec["embeddingServerRef"]
        if let embedding, optimizer?["embeddingProvider"]?.text == "openai" {
            validation.log.error(
                at: embedding,
                "expected no `embeddingServerRef` with `embeddingProvider: openai`, found both; remove one")
        }
        let needsService = ["", "tei", "openai"].contains(optimizer?["embeddingProvider"]?.text ?? "")
        if let optimizer, embedding == nil, needsService, optimizer["embeddingService"]?.text?.isEmpty ?? true {
            validation.log.error(
                at: optimizer,
                "expected `spec.embeddingServerRef` or `embeddingService` with the optimizer, found neither; add one, "
                    + "or write `embeddingProvider: local`")
        }
    }

    /// Fields of the process's document that the resource itself decides.
    private static func warnAboutOverwritten(_ config: Located, spec: Located, validation: Validation) {
        let replaced = [
            "incomingAuth": "spec.incomingAuth", "outgoingAuth": "spec.outgoingAuth",
            "backends": "the members of the group",
            "telemetry": "spec.telemetryConfigRef", "sessionStorage": "spec.sessionStorage",
        ]
        for (field, source) in replaced.sorted(by: { $0.key < $1.key }) {
            guard let value = config[field] else { continue }
            validation.log.warning(at: value, "has no effect inside `spec.config`: \(source) decides; remove it")
        }
        if let group = config["groupRef"], let text = group.text, !text.isEmpty,
            text != spec.at("groupRef", "name")?.text
        {
            validation.log.warning(
                at: group, "has no effect inside `spec.config`: `spec.groupRef.name` decides; remove it")
        }
    }
}
