package import Gateway
package import HostConfiguration
package import HostOptimizer

/// What `vmcp search` shows.
package struct SearchReport: Sendable {
    package let matches: [ToolMatch]
    /// Tools that were searched.
    package let tools: Int
    /// How meaning was compared, or why it was not; for people.
    package let embedding: String
    /// The backends, with those that are missing.
    package let backends: [BackendStatus]
}

extension GatewayAssembly {
    /// The index over the tools, with the embedding provider that the configuration names.
    /// - Throws: When SQLite cannot be used.
    func makeIndex(_ optimizer: OptimizerConfiguration) throws -> ToolIndex {
        try ToolIndex(
            optimizer.settings, source: embeddings(optimizer), cacheFile: optimizer.cacheFile, log: log)
    }

    /// The embedding provider that the configuration names, not started yet.
    package func embeddings(_ optimizer: OptimizerConfiguration) -> (any EmbeddingSource)? {
        policies.set(optimizer)
        return optimizer.provider.map { PluginEmbeddings(plugins: plugins, provider: $0, configuration: optimizer) }
    }

    /// Starts the backends, searches their tools as `find_tool` would, and stops them.
    package func search(_ configuration: GatewayConfiguration, _ request: ToolRequest) async throws -> SearchReport {
        var configuration = configuration
        let optimizer = configuration.optimizer ?? .standard(allowsLoopback: true)
        configuration.optimizer = optimizer
        let index = try makeIndex(optimizer)
        let server = server(configuration, index: index)
        server.start()
        await server.keeper.firstRound(limit: 120_000)
        await index.settled()
        let found: ToolMatches
        let report: SearchReport
        do {
            found = try await index.search(request) { _ in true }
            report = SearchReport(
                matches: found.matches, tools: index.status.tools, embedding: Self.describe(index.status.embedding),
                backends: server.keeper.statuses)
        } catch {
            await server.stop()
            await shutDown()
            throw error
        }
        await server.stop()
        await shutDown()
        return report
    }

    private static func describe(_ embedding: SearchStatus.Embedding?) -> String {
        guard let embedding else { return "keywords only" }
        if let message = embedding.message { return "\(embedding.provider): \(message)" }
        return "\(embedding.provider), \(embedding.model ?? "unknown model")"
    }
}
