import Gateway

/// Turns `optimizer` into settings.
struct OptimizerReading {
    let sources: ConfigurationSources

    /// `nil` when there is no such section.
    func optimizer(_ optimizer: Located?) -> OptimizerConfiguration? {
        guard let optimizer else { return nil }
        let reading = Reading(optimizer, VMCPDocumentSchema.optimizer)
        var settings = OptimizerSettings()
        settings.ranking = reading.choice("ranking") ?? settings.ranking
        if let maximum = reading.integer("maxToolsToReturn"), maximum > 0 { settings.maximum = maximum }
        settings.semanticRatio = number(optimizer["hybridSearchSemanticRatio"]) ?? settings.semanticRatio
        settings.distanceThreshold = number(optimizer["semanticDistanceThreshold"]) ?? settings.distanceThreshold
        settings.pinned = Set(optimizer["pinned"]?.texts ?? [])
        let provider = OptimizerRules.provider(optimizer)
        let service = reading.text("embeddingService") ?? ""
        let folder = BackendAssembly.folder(of: optimizer.file)
        let cache = reading.text("cacheFile").flatMap { $0.isEmpty ? nil : $0 }
        return OptimizerConfiguration(
            settings: settings, provider: provider == "tei" && service.isEmpty ? nil : provider,
            timeout: reading.duration("embeddingServiceTimeout") ?? .seconds(30), specJSON: optimizer.node.json,
            baseDirectory: folder, cacheFile: cache.map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" },
            fingerprint: "\(service)\n\(reading.text("embeddingModel") ?? "")",
            // A service of the same network is what it is meant for.
            reach: RemoteURL.Reach(allowPrivateEndpoint: true, sources: sources))
    }

    /// The section with the address in the cluster that an EmbeddingServer has (resource specification, section 9), unless it
    /// names a service itself.
    /// - Parameter section: `nil` when there is none; all else has its default then.
    func section(_ section: Located?, servedBy server: Resource) -> Located {
        if let section, section["embeddingService"]?.text?.isEmpty == false { return section }
        let port = Reading(server.spec, EmbeddingServerSchema.spec).integer("port") ?? 8080
        let url = "http://\(server.name).\(server.namespace).svc.cluster.local:\(port)"
        let base = section ?? server.document
        let service = Node.Entry(
            key: "embeddingService", keyPlace: base.place, value: Node(content: .text(url), place: base.place))
        var entries = [service]
        if case .mapping(let written) = section?.node.content {
            entries += written.filter { $0.key != service.key }
        }
        return Located(
            file: base.file, path: section?.path ?? "", node: Node(content: .mapping(entries), place: base.place),
            keyPlace: section?.keyPlace)
    }

    private func number(_ value: Located?) -> Double? {
        value?.numeral.flatMap { Double($0.hasPrefix(".") ? "0" + $0 : $0) }
    }
}
