package import Logging

/// The plugin host: what the assembly and the command line use.
package final class PluginHost: Sendable {
    private let registry: PluginRegistry
    private let hosts: any HostTableProvider

    /// Reads the manifests; no library is loaded yet. Folders that cannot serve and plugins that are there twice are
    /// logged, and can be read from ``warnings``.
    package init(
        search: PluginSearch, hosts: any HostTableProvider, limits: PluginLimits = PluginLimits(), log: Logger,
        describer: (any LibraryDescriber)? = nil
    ) {
        registry = PluginRegistry(search: search, limits: limits, logger: log, describer: describer)
        self.hosts = hosts
        for warning in registry.warnings {
            log.warning("A plugin folder is not used as it may be meant", metadata: ["why": "\(warning)"])
        }
    }

    package var warnings: [String] { registry.warnings }

    /// All plugins found, in the order of precedence.
    package func plugins() -> [PluginReport] { registry.reports }

    /// Resource kinds that a plugin serves, with the id of the plugin. Loads nothing.
    package var kinds: [String: String] { registry.kinds }

    /// Types of outgoing authentication that a plugin serves, with the id of the plugin. Loads nothing.
    package var strategies: [String: String] { registry.strategies }

    /// Types of outgoing authentication that send each caller's own credential (`perCaller` of `plugin.yaml`). Loads
    /// nothing.
    package var callerStrategies: Set<String> { registry.callerStrategies }

    /// Embedding providers that a plugin serves, with the id of the plugin. Loads nothing.
    package var embeddings: [String: String] { registry.embeddings }

    /// Loads a plugin and tells about it.
    package func inspect(_ id: String) throws(PluginLoadError) -> PluginReport {
        PluginReport(image: try registry.image(id: id))
    }

    /// Goes through the whole handshake with a plugin that need not be one of those found.
    /// - Parameter path: Its folder, its manifest, or its library.
    package func check(_ path: String) throws(PluginLoadError) -> PluginReport {
        let (image, probes) = try registry.check(path: path)
        var report = PluginReport(image: image)
        report.probes = probes
        return report
    }

    /// Checks the spec of a resource of a kind that a plugin serves against the plugin's schema.
    package func check(_ configuration: InstanceConfiguration) throws(PluginLoadError) {
        let resource = "\(configuration.kind)/\(configuration.name)"
        try registry.image(forKind: configuration.kind).check(configuration.spec, resource: resource)
    }

    /// Creates and starts the backend of a resource.
    /// - Parameters:
    ///   - kind: The resource's kind, which decides the plugin.
    ///   - timing: How long the plugin may take.
    ///   - onProgress: Called with each line that the plugin has for people while it starts.
    ///   - onState: Called with each state that the instance reports, from any thread, from `create` on.
    package func backend(
        kind: String, configuration: InstanceConfiguration, timing: InstanceTiming = InstanceTiming(),
        onProgress: @escaping @Sendable (String) -> Void = { _ in },
        onState: @escaping @Sendable (ReportedState) -> Void = { _ in }
    ) async throws(PluginLoadError) -> RunningBackend {
        let image = try registry.image(forKind: kind)
        return try await run(image, configuration, timing, onProgress, onState) {
            instance throws(PluginLoadError) in try PluginBackendLink(instance)
        }
    }

    /// Checks the settings of a strategy, whose type is the configuration's kind, against the schema of the plugin that
    /// serves it.
    package func check(strategy configuration: InstanceConfiguration) throws(PluginLoadError) {
        let resource = "\(configuration.kind) of \(configuration.name)"
        try registry.image(forStrategy: configuration.kind).check(configuration.spec, resource: resource)
    }

    /// Creates and starts the auth strategy of a type, such as `token_exchange`.
    package func authStrategy(
        type: String, configuration: InstanceConfiguration, timing: InstanceTiming = InstanceTiming()
    ) async throws(PluginLoadError) -> RunningInstance<PluginAuthStrategy> {
        let image = try registry.image(forStrategy: type)
        return try await run(image, configuration, timing, { _ in }, { _ in }) {
            instance throws(PluginLoadError) in try PluginAuthStrategy(instance)
        }
    }

    /// Creates and starts an auth strategy.
    /// - Parameter plugin: The plugin's id.
    package func authStrategy(
        plugin: String, configuration: InstanceConfiguration, timing: InstanceTiming = InstanceTiming(),
        onState: @escaping @Sendable (ReportedState) -> Void = { _ in }
    ) async throws(PluginLoadError) -> RunningInstance<PluginAuthStrategy> {
        let image = try registry.image(id: plugin)
        return try await run(image, configuration, timing, { _ in }, onState) {
            instance throws(PluginLoadError) in try PluginAuthStrategy(instance)
        }
    }

    /// Checks the settings of an embedding provider, whose name is the configuration's kind, against the schema of the
    /// plugin that serves it.
    package func check(embedding configuration: InstanceConfiguration) throws(PluginLoadError) {
        let image = try registry.image(forEmbedding: configuration.kind)
        try image.check(configuration.spec, resource: "optimizer")
    }

    /// Creates and starts the embedding provider of a name, such as `tei`.
    package func embeddingProvider(
        named provider: String, configuration: InstanceConfiguration, timing: InstanceTiming = InstanceTiming(),
        onProgress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(PluginLoadError) -> RunningInstance<PluginEmbeddingProvider> {
        let image = try registry.image(forEmbedding: provider)
        return try await run(image, configuration, timing, onProgress, { _ in }) {
            instance throws(PluginLoadError) in try PluginEmbeddingProvider(instance)
        }
    }

    /// Creates and starts an embedding provider.
    /// - Parameter plugin: The plugin's id.
    package func embeddingProvider(
        plugin: String, configuration: InstanceConfiguration, timing: InstanceTiming = InstanceTiming(),
        onProgress: @escaping @Sendable (String) -> Void = { _ in },
        onState: @escaping @Sendable (ReportedState) -> Void = { _ in }
    ) async throws(PluginLoadError) -> RunningInstance<PluginEmbeddingProvider> {
        let image = try registry.image(id: plugin)
        return try await run(image, configuration, timing, onProgress, onState) {
            instance throws(PluginLoadError) in try PluginEmbeddingProvider(instance)
        }
    }

    private func run<Face: Sendable>(
        _ image: PluginImage, _ configuration: InstanceConfiguration, _ timing: InstanceTiming,
        _ onProgress: @escaping @Sendable (String) -> Void, _ onState: @escaping @Sendable (ReportedState) -> Void,
        _ face: (PluginInstance) throws(PluginLoadError) -> Face
    ) async throws(PluginLoadError) -> RunningInstance<Face> {
        let instance = try await PluginInstance.create(image, configuration, hosts: hosts, onState: onState)
        do {
            try await instance.start(timeout: timing.start, onProgress: onProgress)
            return RunningInstance(face: try face(instance), instance: instance, grace: timing.grace)
        } catch {
            await instance.stop(grace: timing.grace)
            throw error
        }
    }
}

/// How long an instance may take for what takes time; milliseconds.
package struct InstanceTiming: Sendable {
    /// `start`. Default 120,000: a first start may fetch packages or load a model.
    package var start: UInt64
    /// Each step of the end: `quiesce`, the calls that are left, what hangs on their transfers. Default 5,000.
    package var grace: UInt64

    package init(start: UInt64 = 120_000, grace: UInt64 = 5_000) {
        self.start = start
        self.grace = grace
    }
}
