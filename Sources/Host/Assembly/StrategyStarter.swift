import Gateway
import HostConfiguration
import HostPlugins
import HostServices
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Starts the auth plugin of one backend, and enters it into the http service for as long as the backend lives.
final class StrategyStarter: Sendable {
    private struct State {
        var instance: RunningInstance<PluginAuthStrategy>?
        /// For `vmcp_http_request.auth`; 0 = no credential is added.
        var handle: UInt64 = 0
    }

    private let plugins: PluginHost
    private let hub: ServiceHub
    private let backend: BackendConfiguration
    private let strategy: OutgoingStrategy
    private let state = Mutex(State())

    init(plugins: PluginHost, hub: ServiceHub, backend: BackendConfiguration, strategy: OutgoingStrategy) {
        self.plugins = plugins
        self.hub = hub
        self.backend = backend
        self.strategy = strategy
    }

    /// The handle of the strategy, which is started when it does not run yet. One attempt at a time.
    func start() async throws(PluginLoadError) -> UInt64 {
        guard strategy.sendsCredentials else { return 0 }
        if let handle = state.withLock({ $0.instance?.life == .running ? $0.handle : nil }) { return handle }
        await stop()
        let instance = try await plugins.authStrategy(
            type: strategy.type, configuration: InstanceConfiguration(strategy, of: backend))
        let broker = CredentialBroker(
            backend: backend.name, type: strategy.type, source: instance.face, identities: hub.identities,
            now: { UInt64(Date.now.timeIntervalSince1970 * 1_000) })
        let handle = hub.http.register(broker)
        state.withLock { $0 = State(instance: instance, handle: handle) }
        return handle
    }

    /// Requests with its handle fail from now on; the instance ends.
    func stop() async {
        let former = state.withLock { state in
            defer { state = State() }
            return state
        }
        if former.handle != 0 { hub.http.unregister(former.handle) }
        await former.instance?.stop()
    }
}

extension InstanceConfiguration {
    /// A strategy is an instance of its own for each backend, and has the backend's name.
    init(_ strategy: OutgoingStrategy, of backend: BackendConfiguration) {
        self.init(
            apiVersion: backend.apiVersion, kind: strategy.type, namespace: backend.namespace, name: backend.name,
            baseDirectory: strategy.baseDirectory, spec: strategy.specJSON, resolved: strategy.resolvedJSON)
    }
}
