import Gateway
import HostConfiguration
import HostOptimizer
import HostPlugins
import Synchronization

/// The embedding provider of the optimizer: an instance of the plugin that serves it, made when it is needed.
final class PluginEmbeddings: EmbeddingSource {
    /// What the instance is called towards its plugin and in logs.
    static let instanceName = "optimizer"

    private struct State {
        var instance: RunningInstance<PluginEmbeddingProvider>?
        var isOver = false
    }

    let name: String
    var fingerprint: String { configuration.fingerprint }
    private let plugins: PluginHost
    private let configuration: OptimizerConfiguration
    private let state = Mutex(State())

    /// - Parameter provider: Its name.
    init(plugins: PluginHost, provider: String, configuration: OptimizerConfiguration) {
        name = provider
        self.plugins = plugins
        self.configuration = configuration
    }

    func start() async throws(Outcome) {
        let (former, isOver) = state.withLock { ($0.instance, $0.isOver) }
        if isOver { throw Outcome(.cancelled, message: "the gateway ends") }
        if former?.life == .running { return }
        await former?.stop()
        do throws(PluginLoadError) {
            let instance = try await plugins.embeddingProvider(
                named: name, configuration: InstanceConfiguration(configuration, provider: name))
            let isOver = state.withLock { state in
                if !state.isOver { state.instance = instance }
                return state.isOver
            }
            if isOver { await instance.stop() }
        } catch {
            throw Outcome(.unavailable, message: "\(error)")
        }
    }

    private var face: PluginEmbeddingProvider? { state.withLock { $0.instance?.face } }

    var model: String? { face?.identity }
    var maximumBatch: Int { face?.maximumBatch ?? 1 }

    func embed(_ texts: [String], isQuery: Bool, limit: UInt64?) async throws(Outcome) -> EmbeddedTexts {
        guard let face else { throw Outcome(.unavailable, notSent: true, message: "the provider does not run") }
        let longest = UInt64(max(1, configuration.timeout / .milliseconds(1)))
        let context = CallContext(deadline: MonotonicClock.now() + min(limit ?? longest, longest))
        let vectors = try await face.embed(texts, kind: isQuery ? .query : .document, context: context)
        return EmbeddedTexts(dimensions: vectors.dimensions, values: vectors.values, model: vectors.model)
    }

    func stop() async {
        let former = state.withLock { state in
            defer { state = State(instance: nil, isOver: true) }
            return state.instance
        }
        await former?.stop()
    }
}

extension InstanceConfiguration {
    /// The section of the optimizer, for the plugin that serves its embedding provider.
    init(_ optimizer: OptimizerConfiguration, provider: String) {
        self.init(
            apiVersion: "toolhive.stacklok.dev/v1beta1", kind: provider, namespace: "default",
            name: PluginEmbeddings.instanceName, baseDirectory: optimizer.baseDirectory, spec: optimizer.specJSON,
            resolved: optimizer.resolvedJSON)
    }
}
