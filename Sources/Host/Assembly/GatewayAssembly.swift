import Gateway
package import HostConfiguration
import HostHTTP
import HostOptimizer
package import HostPlugins
import HostServices
package import Logging

/// The one place that composes: configuration, plugins, services, gateway and HTTP server.
package final class GatewayAssembly: Sendable {
    private let options: AssemblyOptions
    let log: Logger
    let hub: ServiceHub
    private let secrets: SecretFiles
    /// The plugins found.
    package let plugins: PluginHost
    let policies: NetworkPolicies
    private let exchanges: BackendExchanges

    /// Finds the plugins; loads none.
    /// - Throws: When the services' threads cannot be made.
    package init(_ options: AssemblyOptions, log: Logger) throws {
        self.options = options
        self.log = log
        let hub = try ServiceHub(
            logger: log, version: GatewayVersion.current, keepsLines: options.keepsLines,
            environment: options.environment)
        let (policies, exchanges) = (NetworkPolicies(), BackendExchanges())
        self.hub = hub
        secrets = SecretFiles(hub, log: log)
        (self.policies, self.exchanges) = (policies, exchanges)
        plugins = PluginHost(
            search: PluginSearch(
                commandLine: options.pluginFolders, pluginPath: options.environment[PluginSearch.variable]),
            hosts: PluginHostTables(
                hub: hub, policy: { kind, name in policies.policy(kind: kind, name: name) }, limits: exchanges),
            log: log,
            describer: DescribedLibraries(log: log))
    }

    // MARK: - Configuration

    /// Reads the configuration and checks every backend with the plugin that serves it.
    package func load() -> LoadResult {
        let result = loadConfiguration(sources)
        guard var configuration = result.configuration else { return result }
        if options.optimizes || options.embedding != nil, configuration.optimizer == nil {
            configuration.optimizer = .standard(allowsLoopback: options.listensOnLoopback)
        }
        if let embedding = options.embedding {
            configuration.optimizer?.embed(model: embedding.model, image: embedding.image)
        }
        let refused = configuration.backends.compactMap { backend -> Diagnostic? in
            do throws(PluginLoadError) {
                try plugins.check(InstanceConfiguration(backend))
                let strategy = configuration.outgoingAuth.strategies[backend.name] ?? .unauthenticated
                if plugins.strategies[strategy.type] != nil {
                    try plugins.check(strategy: InstanceConfiguration(strategy, of: backend))
                }
                return nil
            } catch {
                return Diagnostic(of: backend, "\(error)")
            }
        }
        let optimizer = configuration.optimizer.flatMap { refusal(of: $0, configuration) }
        return LoadResult(
            configuration: configuration, diagnostics: result.diagnostics + refused + (optimizer.map { [$0] } ?? []))
    }

    /// What the plugin of the embedding provider says against its settings. A plugin that is missing is no error: tools are
    /// found by keywords then.
    private func refusal(of optimizer: OptimizerConfiguration, _ configuration: GatewayConfiguration) -> Diagnostic? {
        guard let provider = optimizer.provider, plugins.embeddings[provider] != nil else { return nil }
        do throws(PluginLoadError) {
            try plugins.check(embedding: InstanceConfiguration(optimizer, provider: provider))
            return nil
        } catch {
            guard error.reason == .badConfiguration else { return nil }
            return Diagnostic(
                severity: .error, place: configuration.place, path: "optimizer", message: "\(error)")
        }
    }

    /// The starter file of `vmcp init` for a group of the resources read.
    package func starter(group: String) -> StarterDocument { starterDocument(group: group, sources: sources) }

    /// The kinds that plugins serve. Schemas of kinds that the configuration does not know itself are read from the plugin,
    /// so that their errors have places; one that cannot be loaded shows when a resource needs it.
    private var servedKinds: [String: ServedKind] {
        plugins.kinds.reduce(into: [:]) { kinds, entry in
            var schema: String?
            if !["MCPServer", "MCPRemoteProxy", "MCPServerEntry"].contains(entry.key) {
                do throws(PluginLoadError) { schema = try plugins.inspect(entry.value).configSchema } catch {
                    log.debug("A plugin cannot be loaded", metadata: ["plugin": "\(entry.value)", "why": "\(error)"])
                }
            }
            kinds[entry.key] = ServedKind(pluginID: entry.value, configSchema: schema)
        }
    }

    private var sources: ConfigurationSources {
        ConfigurationSources(
            paths: options.paths, name: options.name, target: options.target,
            allowPrivateBackends: options.allowPrivateBackends, listensOnLoopback: options.listensOnLoopback,
            servedKinds: servedKinds, servedStrategies: Set(plugins.strategies.keys),
            servedEmbeddings: Set(plugins.embeddings.keys), environment: options.environment)
    }

    // MARK: - Composition

    /// - Parameter knowsCallers: Whether there are callers who show who they are; otherwise all lists are read with the
    ///   gateway's own credentials.
    func server(
        _ configuration: GatewayConfiguration, knowsCallers: Bool = false, sessionTimeToLive: UInt64 = 1_800_000,
        stateKey: StateKey? = nil,
        reporter: ChangeReporter? = nil, workflowEvents: (any WorkflowEvents)? = nil,
        index: ToolIndex? = nil
    ) -> VirtualServer {
        prepare(configuration)
        return VirtualServer(
            settings: settings(
                configuration, sessionTimeToLive: sessionTimeToLive, stateKey: stateKey,
                workflowEvents: workflowEvents, index: index),
            backends: backends(configuration, knowsCallers: knowsCallers),
            backendChanged: { reporter?.report($0) },
            healthChanged: { reporter?.report($0, from: $1, to: $2) }, changed: { reporter?.report($0) })
    }

    /// Makes known what plugin instances of a configuration will ask for.
    func prepare(_ configuration: GatewayConfiguration) {
        secrets.take(configuration.secrets)
        policies.set(configuration)
        exchanges.set(configuration)
    }

    func settings(
        _ configuration: GatewayConfiguration, sessionTimeToLive: UInt64, stateKey: StateKey?,
        workflowEvents: (any WorkflowEvents)?, index: ToolIndex?
    ) -> VirtualServer.Settings {
        var settings = VirtualServer.Settings(
            identity: GatewayIdentity(name: configuration.name, version: GatewayVersion.current),
            aggregation: configuration.aggregation,
            passthroughHeaders: Set(configuration.passthroughHeaders.map { $0.lowercased() }),
            sessionTimeToLive: sessionTimeToLive,
            failsPartially: configuration.operational.partialFailureMode == .fail)
        settings.apply(configuration.operational.limits)
        settings.stateKey = stateKey
        settings.compositeTools = configuration.compositeTools
        settings.workflowEvents = workflowEvents ?? WorkflowLog(log: log)
        if let index, let optimizer = configuration.optimizer { settings.optimizer = (optimizer.settings, index) }
        return settings
    }

    func backends(
        _ configuration: GatewayConfiguration, knowsCallers: Bool
    ) -> [(BackendDescriptor, any BackendStarter)] {
        let callerStrategies = knowsCallers ? plugins.callerStrategies : []
        return configuration.backends.map { backend in
            let strategy = configuration.outgoingAuth.strategies[backend.name] ?? .unauthenticated
            let fingerprint = BackendFingerprint(backend, strategy, secrets: configuration.secrets)
            return (
                BackendDescriptor(
                    backend, strategy: strategy, operational: configuration.operational,
                    listsForCallers: callerStrategies.contains(strategy.type)),
                PluginStarter(
                    plugins: plugins, configuration: backend,
                    strategy: StrategyStarter(plugins: plugins, hub: hub, backend: backend, strategy: strategy),
                    fingerprint: fingerprint.bytes)
            )
        }
    }

    /// Starts the backends, waits for each to answer or fail once, and stops them.
    package func preview(_ configuration: GatewayConfiguration) async -> Preview {
        let server = server(configuration)
        server.start()
        await server.keeper.firstRound(limit: 120_000)
        let preview = Preview(snapshot: server.keeper.snapshot, backends: server.keeper.statuses)
        await server.stop()
        await hub.shutDown()
        return preview
    }

    /// Ends the services; nothing can be started afterwards.
    func shutDown() async { await hub.shutDown() }

    /// Starts the gateway.
    /// - Parameter reloaded: Gets each further configuration when it holds.
    /// - Throws: When the address cannot be listened on, or the key of the environment is none.
    package func serve(
        _ configuration: GatewayConfiguration, _ settings: ServeSettings,
        reloaded: @escaping @Sendable (GatewayConfiguration) -> Void = { _ in }
    ) async throws -> Application {
        let index = try configuration.optimizer.map { try makeIndex($0) }
        let server = server(
            configuration, knowsCallers: configuration.incomingAuth == .oidc,
            sessionTimeToLive: settings.sessionTimeToLive, stateKey: try StateKeyVariable.read(options.environment),
            reporter: ChangeReporter(log: log), index: index)
        let parts = LiveParts(
            group: configuration.group, index: index, gate: Gates.gate(configuration, hub: hub, log: log))
        let reloader = Reloader(
            assembly: self, server: server, parts: parts, configuration: configuration,
            sessionTimeToLive: settings.sessionTimeToLive, log: log, reloaded: reloaded)
        let application = try await Application.start(
            server: server, parts: parts, reloader: reloader, configuration: configuration, settings: settings,
            hub: hub, log: log)
        server.start()
        return application
    }
}

extension Diagnostic {
    /// An error about a backend as a whole, at the place that defines it.
    fileprivate init(of backend: BackendConfiguration, _ message: String) {
        self.init(severity: .error, place: backend.place, path: "\(backend.kind)/\(backend.name)", message: message)
    }

    /// - Parameter place: `file:line`, or the file alone.
    init(severity: Severity, place: String, path: String, message: String) {
        let parts = place.split(separator: ":", omittingEmptySubsequences: false)
        let line = parts.last.flatMap { Int($0) }
        let file = line == nil ? place : parts.dropLast().joined(separator: ":")
        self.init(severity: severity, file: file, line: line ?? 1, column: 1, path: path, message: message)
    }
}
