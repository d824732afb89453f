/// Fields that say how Kubernetes shall run something: elsewhere they have no meaning, which is worth one warning.
enum OutsideCluster {
    private static let fields: [String: [String]] = [
        "MCPServer": [
            "backendReplicas", "endpointPrefix", "oidcConfigRef", "podTemplateSpec", "proxyMode", "proxyPort",
            "replicas",
            "resourceOverrides", "resources", "serviceAccount", "sessionAffinity", "sessionStorage",
            "telemetryConfigRef",
            "trustProxyHeaders", "webhookConfigRef",
        ],
        "MCPRemoteProxy": [
            "endpointPrefix", "oidcConfigRef", "podTemplateSpec", "proxyPort", "replicas", "resourceOverrides",
            "resources", "serviceAccount", "sessionAffinity", "sessionStorage", "telemetryConfigRef",
            "trustProxyHeaders",
        ],
        "EmbeddingServer": ["imagePullPolicy", "podTemplateSpec", "replicas", "resourceOverrides"],
        "VirtualMCPServer": [
            "imagePullSecrets", "podTemplateSpec", "replicas", "serviceAccount", "serviceType", "sessionAffinity",
        ],
    ]

    /// Warns about a resource; fields that hold their default stay unmentioned.
    static func warn(about resource: Resource, validation: Validation) {
        guard validation.sources.target == .local, let spec = resource.spec, let fields = fields[resource.kind],
            let shape = ResourceSchema.specs[resource.kind]
        else { return }
        let reading = Reading(spec, shape)
        var found = fields.filter(reading.differsFromDefault)
        // An engine on this machine knows limits, too.
        if spec["image"]?.text.map({ ServerImage($0).isContainer }) == true { found.removeAll { $0 == "resources" } }
        if spec.at("audit", "enabled")?.boolean == true { found.append("audit") }
        guard !found.isEmpty else { return }
        let list = found.sorted().map { "`\($0)`" }.joined(separator: ", ")
        validation.log.warning(
            at: spec, "\(resource.kind) `\(resource.name)`: \(list) have no meaning outside a cluster and are left out")
    }
}
