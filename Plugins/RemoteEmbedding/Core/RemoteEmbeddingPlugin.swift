package import PluginKit
import Synchronization

/// Embeds texts with a service: text-embeddings-inference (`tei`), or one that speaks like OpenAI (`openai`). One library,
/// because both share the client.
package final class RemoteEmbeddingPlugin: EmbeddingProvider {
    /// What the library exports.
    package static let definition = PluginDefinition(
        id: "remote-embedding", version: "0.1.0", provides: [.embedding], configSchema: RemoteSettings.schema
    ) { configuration, host throws(PluginError) in
        RemoteEmbeddingPlugin(try RemoteSettings(configuration), host)
    }

    /// What is known about the service, shared by the calls.
    final class Service: Sendable {
        /// Texts in a request when text-embeddings-inference does not say.
        private static let defaultBatch = 32
        /// Texts in a request that OpenAI takes.
        private static let openAIBatch = 2_048

        private struct Known: Sendable {
            var model: String?
            var learnedAt: UInt64?
            var dimensions = 0
            var batch: Int
        }

        private let settings: RemoteSettings
        private let timer: TimerService
        private let known: Mutex<Known>

        init(_ settings: RemoteSettings, _ timer: TimerService) {
            self.settings = settings
            self.timer = timer
            let isOpenAI = settings.wire == .openai
            known = Mutex(
                Known(
                    model: isOpenAI ? "openai/\(settings.model) at \(settings.label)" : nil,
                    batch: isOpenAI ? Self.openAIBatch : Self.defaultBatch))
        }

        var model: String? { known.withLock { $0.model } }
        var dimensions: Int { known.withLock { $0.dimensions } }
        var maximumBatch: Int { known.withLock { $0.batch } }

        /// How long ago the service named its model, in milliseconds; `nil` before.
        var age: UInt64? {
            let now = timer.now
            return known.withLock { $0.learnedAt }.map { now >= $0 ? now - $0 : 0 }
        }

        /// Takes what the service said about itself, and answers the identity of its model.
        func learn(_ info: EmbeddingClient.Info) -> String {
            let model = "tei/\(info.model) at \(settings.label)"
            let now = timer.now
            known.withLock { known in
                if known.model != model { known.dimensions = 0 }
                known.model = model
                known.learnedAt = now
                if let batch = info.maximumBatch { known.batch = min(batch, 2_048) }
            }
            return model
        }

        /// The service refused a request with more texts than this.
        func limit(_ batch: Int) { known.withLock { $0.batch = max(1, min($0.batch, batch)) } }

        /// Takes the length of a model's vectors.
        /// - Returns: The length that they had before, when it was another.
        func settle(_ dimensions: Int, for model: String) -> Int? {
            known.withLock { known in
                guard known.model == model else { return nil }
                if known.dimensions == 0 { known.dimensions = dimensions }
                return known.dimensions == dimensions ? nil : known.dimensions
            }
        }
    }

    /// For how long, in milliseconds, a query takes the model to be what it was.
    private static let trust: UInt64 = 10_000

    private let client: EmbeddingClient
    private let service: Service
    private let host: HostServices

    /// Nothing is asked before ``start(_:)``.
    package init(_ settings: RemoteSettings, _ host: HostServices) {
        self.host = host
        client = EmbeddingClient(http: host.http, settings: settings)
        service = Service(settings, host.timer)
    }

    /// Asks text-embeddings-inference for its limits. A service that is not there yet does not keep the gateway from
    /// starting: it is asked again with each batch.
    package func start(_ call: Call) {
        guard client.settings.wire == .tei else {
            call.resolve()
            return
        }
        let exchange = client.info { [self] result in
            switch result {
            case .success(let info): _ = service.learn(info)
            case .failure(let failure):
                host.log.warning(
                    "The embedding service does not tell about itself; batches have 32 texts until it does",
                    [Header("service", client.settings.base), Header("why", failure.outcome.message)])
            }
            call.resolve()
        }
        call.onCancel { _ in exchange.cancel() }
    }

    package var model: String? { service.model }

    package var dimensions: Int { service.dimensions }

    package var maximumBatch: Int { service.maximumBatch }

    package func embed(_ texts: [String], as kind: EmbeddingKind, reply: EmbeddingReply) {
        guard !texts.isEmpty else { return reply.vectors([], model: service.model ?? "") }
        let isKnown = kind == .query && (service.age.map { $0 < Self.trust } ?? false)
        EmbeddingRun(
            texts, isChecked: client.settings.wire == .tei && !isKnown, client: client, service: service, reply: reply
        ).start()
    }
}
