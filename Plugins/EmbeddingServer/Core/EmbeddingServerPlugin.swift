import MCPServerCore
package import PluginKit
import RemoteEmbeddingCore
import Synchronization

/// Embeds texts with text-embeddings-inference in a container of its own, which is started when it is first needed.
package final class EmbeddingServerPlugin: EmbeddingProvider {
    /// What the library exports.
    package static let definition = PluginDefinition(
        id: "embedding-server", version: "0.1.0", provides: [.embedding], configSchema: EmbeddingServerSettings.schema
    ) { configuration, host throws(PluginError) in
        try EmbeddingServerPlugin(configuration, host, environment: ProgramSearch.system.environment)
    }

    /// Milliseconds until the server answers: it may have to fetch its model first.
    private static let patience: UInt64 = 3_600_000

    private let settings: EmbeddingServerSettings
    private let host: HostServices
    private let server: PortServer
    /// The client of the server that runs, by its port.
    private let client = Mutex<(port: Int, provider: RemoteEmbeddingPlugin)?>(nil)

    /// Reads the configuration; nothing is started before the first texts.
    package init(
        _ configuration: PluginConfiguration, _ host: HostServices,
        environment: @escaping @Sendable (String) -> String?
    ) throws(PluginError) {
        settings = try EmbeddingServerSettings(configuration, environment: environment)
        self.host = host
        let server = try ServerSettings(settings.server)
        let container = try ContainerSettings(settings.image, settings.server)
        self.server = PortServer(
            ContainerRuntime(server, container, host, environment: environment), host, patience: Self.patience)
    }

    package var model: String? { client.withLock { $0 }?.provider.model }
    package var dimensions: Int { client.withLock { $0 }?.provider.dimensions ?? 0 }
    package var maximumBatch: Int { client.withLock { $0 }?.provider.maximumBatch ?? 32 }

    /// Looks for the engine; the state of the instance tells when there is none.
    package func start(_ call: Call) {
        do throws(PluginError) { try settings.makeCache() } catch {
            call.resolve(Outcome(error.status, error.message, notSent: true))
            return
        }
        server.check { call.resolve() }
    }

    package func embed(_ texts: [String], as kind: EmbeddingKind, reply: EmbeddingReply) {
        server.whenReady(reply.call) { [self] port in provider(at: port).embed(texts, as: kind, reply: reply) }
    }

    package func quiesce(_ call: Call) { server.quiesce(call) }

    private func provider(at port: Int) -> RemoteEmbeddingPlugin {
        client.withLock { client in
            if let client, client.port == port { return client.provider }
            // The port is another after each start: it says nothing of the model.
            let provider = RemoteEmbeddingPlugin(
                RemoteSettings(
                    tei: "http://127.0.0.1:\(port)", label: settings.image, timeout: settings.timeout), host)
            client = (port, provider)
            return provider
        }
    }
}
