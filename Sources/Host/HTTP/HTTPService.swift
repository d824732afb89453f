package import Gateway
package import Logging

/// The HTTP side put together, in the order a request passes: server, guard, router, MCP endpoint.
package final class HTTPService: Sendable {
    package let server: NIOHTTPServer
    /// The address of the MCP endpoint, for people and client configurations.
    package let endpoint: String

    /// Binds and begins to serve.
    /// - Throws: ``HTTPServerError`` when the address cannot be bound.
    package static func start(
        _ settings: HTTPServerSettings, sessions: any ClientSessions, requests: any StatelessRequests,
        status: any StatusProvider, gate: (any RequestGate)? = nil, logger: Logger
    ) async throws -> HTTPService {
        let openStreams = OpenStreams(settings)
        let endpoint = MCPEndpoint(settings, sessions: sessions, requests: requests, openStreams: openStreams)
        let entrance = gate.map { Entrance($0, next: endpoint) as any HTTPHandler } ?? endpoint
        let router = Router(endpointPath: settings.endpointPath, endpoint: entrance, status: status, gate: gate)
        let handler = OriginGuard(settings, next: router)
        let server = try await NIOHTTPServer.start(settings, handler: handler, logger: logger)
        server.every(settings.keepAliveInterval / OpenStreams.beatsPerComment) { openStreams.beat() }
        return HTTPService(server, path: settings.endpointPath)
    }

    private init(_ server: NIOHTTPServer, path: String) {
        self.server = server
        let host = server.host.contains(":") ? "[\(server.host)]" : server.host
        endpoint = "http://\(host):\(server.port)\(path)"
    }

    /// Takes no more connections, lets requests end within the grace period, and closes the rest; goes on knowing its
    /// event loops.
    /// - Parameter grace: `nil` = that of the settings.
    package func drain(within grace: Duration? = nil) async { await server.drain(within: grace) }

    /// Takes no more connections, lets requests end within the grace period, and closes the rest.
    package func stop() async { await server.stop() }
}
