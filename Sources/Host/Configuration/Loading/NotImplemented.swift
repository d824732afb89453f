import Foundation

/// Gathers what is valid but that this version cannot do, so that `serve` can refuse instead of ignoring it.
///
/// A feature that is switched off, and a value that equals the default, is never reported: files that an operator made
/// spell out all defaults.
struct NotImplemented {
    private(set) var diagnostics: [Diagnostic] = []

    mutating func add(_ value: Located?, _ feature: String, _ advice: String = "remove it to serve without") {
        guard let value else { return }
        let place = value.place
        diagnostics.append(
            Diagnostic(
                severity: .error, file: value.file, line: place.line, column: place.column, path: value.path,
                message: "\(feature) is not implemented yet; \(advice)"))
    }

    /// The document's own features, in a file or in `spec.config`.
    mutating func check(document: Located?) {
        guard let document else { return }
        if document.at("codeMode", "enabled")?.boolean == true { add(document["codeMode"], "code mode") }
        add(document["rateLimiting"], "rate limiting")
        if document.at("audit", "enabled")?.boolean == true { add(document["audit"], "audit") }
        let failure = Reading(document["operational"], VMCPDocumentSchema.operational, "failureHandling")
        if failure.differsFromDefault("statusReportingInterval") {
            add(failure.value?["statusReportingInterval"], "reporting the status now and then", "remove the field")
        }
    }

    /// What a document that is a file of its own has besides.
    mutating func check(file document: Located) {
        let incoming = document["incomingAuth"]
        if incoming?.at("authz", "type")?.text == "cedar" { add(incoming?["authz"], "authorization") }
        for field in ["tracingEnabled", "metricsEnabled"]
        where document.at("telemetry", field)?.boolean == true {
            add(document.at("telemetry", field), "telemetry", "write false")
        }
        if document.at("telemetry", "enablePrometheusMetricsPath")?.boolean == true,
            document.at("telemetry", "metricsOnTransportPort")?.boolean == false
        {
            add(document.at("telemetry", "metricsOnTransportPort"), "a port of its own for metrics", "write true")
        }
        check(storage: document["sessionStorage"])
        let beside = BackendAssembly.folder(of: document.file) + "/" + SourceFiles.authServerFile
        if FileManager.default.fileExists(atPath: beside) {
            diagnostics.append(
                Diagnostic(
                    severity: .error, file: beside, line: 0, column: 0, path: "",
                    message:
                        "the embedded authorization server is not implemented yet; remove the file to serve without"))
        }
    }

    /// What a VirtualMCPServer has besides.
    ///
    /// - Parameter canEmbed: Whether the EmbeddingServer that it may name runs.
    mutating func check(server spec: Located, telemetry: Located?, canEmbed: Bool) {
        let incoming = spec["incomingAuth"]
        add(incoming?["authzConfig"], "authorization")
        add(incoming?["authzConfigRef"], "authorization")
        add(spec["authServerConfig"], "the embedded authorization server")
        if !canEmbed {
            add(spec["embeddingServerRef"], "running an EmbeddingServer", "install the plugin that does it")
        }
        if telemetry?.at("openTelemetry", "enabled")?.boolean == true {
            add(spec["telemetryConfigRef"], "telemetry")
        }
        check(storage: spec["sessionStorage"])
    }

    /// What a member of the group asks for.
    mutating func check(member: Resource, isServed: Bool) {
        if !isServed {
            add(member.document["kind"], "the kind `\(member.kind)`", "install the plugin that serves it")
        }
        guard let spec = member.spec, BackendAssembly.kinds.contains(member.kind) else { return }
        add(spec["authServerRef"], "the embedded authorization server")
        add(spec["authzConfig"], "authorization by backend")
        add(spec["authzConfigRef"], "authorization by backend")
        add(spec["rateLimiting"], "rate limiting by backend")
        guard member.kind == "MCPServer", let text = spec["image"]?.text else { return }
        if !ServerImage(text).isContainer {
            if let profile = spec["permissionProfile"], !isNetworkProfile(profile) {
                add(profile, "confining a server that runs as a process", "remove the profile")
            }
            if spec["volumes"]?.items.isEmpty == false {
                add(spec["volumes"], "mounting volumes for a server that runs as a process", "use the paths themselves")
            }
        }
    }

    /// Strategies that send something and that no plugin serves.
    mutating func check(strategy: OutgoingStrategies.Choice, served: Set<String>) {
        guard strategy.type != OutgoingStrategy.unauthenticated.type, !served.contains(strategy.type) else { return }
        add(strategy.value, "the outgoing strategy \(strategy.type)", "install the plugin that serves it")
    }

    private func isNetworkProfile(_ profile: Located) -> Bool {
        profile["type"]?.text ?? "builtin" == "builtin" && profile["name"]?.text == "network"
    }

    private mutating func check(storage: Located?) {
        if let provider = storage?["provider"], provider.text == "redis" {
            add(provider, "session storage in Redis", "write memory")
        }
    }
}
