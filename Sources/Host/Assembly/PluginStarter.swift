import Gateway
import HostConfiguration
import HostPlugins
import Synchronization

/// Starts the plugin instance of one backend, and keeps it for as long as it lives.
final class PluginStarter: BackendStarter {
    private let plugins: PluginHost
    private let configuration: BackendConfiguration
    private let running = Mutex<RunningBackend?>(nil)

    init(plugins: PluginHost, configuration: BackendConfiguration) {
        self.plugins = plugins
        self.configuration = configuration
    }

    func start(progress: @escaping @Sendable (String) -> Void) async throws(Outcome) -> any BackendLink {
        if let backend = running.withLock({ $0 }), backend.life == .running { return backend.link }
        do throws(PluginLoadError) {
            let backend = try await plugins.backend(
                kind: configuration.kind, configuration: InstanceConfiguration(configuration), onProgress: progress)
            running.withLock { $0 = backend }
            return backend.link
        } catch {
            throw Outcome(error.mayPass ? .unavailable : .invalid, message: "\(error)")
        }
    }

    func stop() async {
        let backend = running.withLock { running in
            defer { running = nil }
            return running
        }
        await backend?.stop()
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
