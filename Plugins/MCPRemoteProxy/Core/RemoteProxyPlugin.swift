package import PluginKit
import StreamableHTTP

/// A backend that is somewhere else: the kinds MCPRemoteProxy and MCPServerEntry.
package final class RemoteProxyPlugin: BackendPlugin {
    /// What the library exports.
    package static let definition = PluginDefinition(
        id: "mcp-remote-proxy", version: "0.1.0", provides: [.backend], configSchema: RemoteProxySchema.text
    ) { configuration, host throws(PluginError) in
        try RemoteProxyPlugin(configuration, host)
    }

    package let traits: BackendTraits
    package let listens: Bool
    private let endpoint: Endpoint
    private let sessions: HTTPSessions

    /// Reads the configuration; nothing is contacted before the first session.
    package init(_ configuration: PluginConfiguration, _ host: HostServices) throws(PluginError) {
        let settings = try RemoteSettings(configuration)
        var endpoint = Endpoint(
            settings.address, transport: settings.transport, auth: configuration.auth, caBundle: settings.caBundle,
            allowPrivate: settings.allowPrivate, maximumEvent: configuration.eventLimit)
        endpoint.headers = { () throws(PluginError) in try settings.headers.all(secrets: host.secrets) }
        self.endpoint = endpoint
        traits =
            settings.transport == .sse ? [.hasHeaders, .remote, .answersOnSession] : [.hasHeaders, .remote]
        listens = settings.transport == .streamableHTTP
        sessions = HTTPSessions(host: host)
    }

    package func open(_ session: UInt64, parameters: SessionParameters, sink: SessionSink, call: Call) {
        sessions.open(session, at: endpoint, parameters: parameters, sink: sink, call: call)
    }

    package func send(_ session: UInt64, message: RawSpan, call: Call) {
        sessions.send(session, message: message, call: call)
    }

    package func listen(_ session: UInt64, call: Call) { sessions.listen(session, call: call) }

    package func close(_ session: UInt64, call: Call) { sessions.close(session, call: call) }

    package func resumeSession(_ session: UInt64) { sessions.resume(session) }

    package func quiesce(_ call: Call) {
        sessions.abandonAll(Outcome(.unavailable, "the backend is being shut down", sessionLost: true))
        call.resolve()
    }
}
