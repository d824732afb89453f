import Gateway
import HostConfiguration
import HostPlugins
import Synchronization

/// Starts the plugin instance of one backend, and keeps it for as long as it lives.
final class PluginStarter: BackendStarter {
    private typealias Start = Task<Result<RunningBackend, Outcome>, Never>

    private struct State {
        /// The attempt under way, or the last one.
        var start: Start?
        var isOver = false
    }

    private let plugins: PluginHost
    private let configuration: BackendConfiguration
    private let strategy: StrategyStarter
    let fingerprint: [UInt8]
    private let state = Mutex(State())

    init(plugins: PluginHost, configuration: BackendConfiguration, strategy: StrategyStarter, fingerprint: [UInt8]) {
        self.fingerprint = fingerprint
        self.plugins = plugins
        self.configuration = configuration
        self.strategy = strategy
    }

    func start(progress: @escaping @Sendable (String) -> Void) async throws(Outcome) -> any BackendLink {
        if let former = state.withLock({ $0.start }), case .success(let backend) = await former.value,
            backend.life == .running
        {
            return backend.link
        }
        let attempt = state.withLock { state -> Start? in
            guard !state.isOver else { return nil }
            let attempt = Start { await self.create(progress) }
            state.start = attempt
            return attempt
        }
        guard let attempt else { throw Outcome(.cancelled, notSent: true, message: "the gateway ends") }
        return try await attempt.value.get().link
    }

    private func create(_ progress: @escaping @Sendable (String) -> Void) async -> Result<RunningBackend, Outcome> {
        let auth: UInt64
        do throws(PluginLoadError) { auth = try await strategy.start() } catch {
            return .failure(Outcome(.unauthenticated, notSent: true, message: "its strategy cannot be used: \(error)"))
        }
        do throws(PluginLoadError) {
            return .success(
                try await plugins.backend(
                    kind: configuration.kind, configuration: InstanceConfiguration(configuration, auth: auth),
                    onProgress: progress))
        } catch {
            return .failure(Outcome(error.mayPass ? .unavailable : .invalid, message: "\(error)"))
        }
    }

    /// Ends the instance, also one that is being started: its start is cancelled and awaited, so that none is left.
    func stop() async {
        let start = state.withLock { state in
            state.isOver = true
            return state.start
        }
        start?.cancel()
        if case .success(let backend) = await start?.value { await backend.stop() }
        await strategy.stop()
    }
}

extension InstanceConfiguration {
    /// - Parameter auth: Handle of the strategy; 0 = none.
    init(_ backend: BackendConfiguration, auth: UInt64 = 0) {
        var resolved = backend.resolvedJSON
        // An object with members: the handle becomes its first.
        if auth != 0 { resolved.replaceSubrange(0..<1, with: Array("{\"auth\":\(auth),".utf8)) }
        self.init(
            apiVersion: backend.apiVersion, kind: backend.kind, namespace: backend.namespace, name: backend.name,
            baseDirectory: backend.baseDirectory, spec: backend.specJSON, resolved: resolved)
    }
}

extension PluginLoadError {
    /// Whether another attempt may end better, with nothing changed by people.
    fileprivate var mayPass: Bool { reason == .startFailed || reason == .startTimedOut }
}
