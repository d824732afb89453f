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
    private let state = Mutex(State())

    init(plugins: PluginHost, configuration: BackendConfiguration) {
        self.plugins = plugins
        self.configuration = configuration
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
        do throws(PluginLoadError) {
            return .success(
                try await plugins.backend(
                    kind: configuration.kind, configuration: InstanceConfiguration(configuration), onProgress: progress)
            )
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
    }
}

extension InstanceConfiguration {
    init(_ backend: BackendConfiguration) {
        self.init(
            apiVersion: backend.apiVersion, kind: backend.kind, namespace: backend.namespace, name: backend.name,
            baseDirectory: backend.baseDirectory, spec: backend.specJSON, resolved: backend.resolvedJSON)
    }
}

extension PluginLoadError {
    /// Whether another attempt may end better, with nothing changed by people.
    fileprivate var mayPass: Bool { reason == .startFailed || reason == .startTimedOut }
}
