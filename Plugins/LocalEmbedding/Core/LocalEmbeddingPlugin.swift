package import PluginKit
import Synchronization

/// Embeds texts inside the process, with a model in a folder that `make model` fills.
package final class LocalEmbeddingPlugin: EmbeddingProvider, ResourceReporter {
    /// What the library exports.
    package static let definition = PluginDefinition(
        id: "local-embedding", version: "0.1.0", provides: [.embedding, .resources], configSchema: LocalSettings.schema
    ) { configuration, host throws(PluginError) in
        LocalEmbeddingPlugin(try LocalSettings(configuration), host)
    }

    private struct Ready: Sendable {
        let model: SentenceModel
        let workers: EmbeddingWorkers
    }

    private enum Life: Sendable {
        case created
        case ready(Ready)
        case ended
    }

    private let settings: LocalSettings
    private let host: HostServices
    private let life = Mutex(Life.created)

    /// Nothing is read before ``start(_:)``.
    package init(_ settings: LocalSettings, _ host: HostServices) {
        self.settings = settings
        self.host = host
    }

    deinit { ready?.workers.close() }

    /// Loads the model on a thread of its own; fails when there is none, or when a file is not what its manifest says.
    package func start(_ call: Call) {
        let failure = PluginThread.start("vmcp-model") { [weak self] in self?.load(call) }
        if let failure { call.resolve(Outcome(.exhausted, "no thread to load the model with: \(failure)")) }
    }

    private func load(_ call: Call) {
        do throws(PluginError) {
            let folder = try ModelFolder(settings.folder)
            call.progress("loading \(folder.identity) from \(settings.folder)")
            let model = try SentenceModel(folder)
            let workers = try EmbeddingWorkers(threads: settings.threads) { text throws(PluginError) in
                try model.vector(of: text)
            }
            let isWanted = life.withLock { life in
                guard case .created = life else { return false }
                life = .ready(Ready(model: model, workers: workers))
                return true
            }
            guard isWanted else {
                workers.close()
                call.resolve(Outcome(.cancelled, "the provider was shut down while it loaded its model"))
                return
            }
            host.log.info(
                "The embedding model is loaded",
                [
                    Header("model", model.identity), Header("onnxruntime", model.runtimeVersion),
                    Header("memory_bytes", "\(model.memory)"), Header("threads", "\(settings.threads)"),
                ])
            call.resolve()
        } catch {
            call.resolve(Outcome(error.status, error.message))
        }
    }

    package var model: String? { ready?.model.identity }

    package var dimensions: Int { ready?.model.dimensions ?? 0 }

    /// A batch takes from a tenth of a second to a few, and no longer: its caller may give it up, or ask something else.
    package let maximumBatch = 32

    package func embed(_ texts: [String], as kind: EmbeddingKind, reply: EmbeddingReply) {
        guard let ready else { return reply.fail(Outcome(.unavailable, "the embedding model is not loaded")) }
        guard texts.count <= maximumBatch else {
            return reply.fail(Outcome(.invalid, "embed: expected at most \(maximumBatch) texts, found \(texts.count)"))
        }
        guard !texts.isEmpty else { return reply.vectors([], model: ready.model.identity) }
        let batch = EmbeddingBatch(
            texts, model: ready.model.identity, dimensions: ready.model.dimensions, reply: reply)
        reply.call.onCancel { [weak batch] _ in batch?.fail(Outcome(.cancelled, "nobody waits for the vectors")) }
        ready.workers.add(batch, as: kind)
    }

    package func quiesce(_ call: Call) {
        let ready = life.withLock { life -> Ready? in
            defer { life = .ended }
            if case .ready(let ready) = life { return ready }
            return nil
        }
        guard let ready else {
            call.resolve()
            return
        }
        ready.workers.close { call.resolve() }
    }

    /// The model with its runtime, and the time of all texts.
    package var usage: ResourceUsage {
        var usage = ResourceUsage()
        guard let ready else { return usage }
        usage.memory = ready.model.memory
        usage.processorTime = ready.workers.processorTime
        return usage
    }

    private var ready: Ready? {
        life.withLock { life in
            if case .ready(let ready) = life { return ready }
            return nil
        }
    }
}
