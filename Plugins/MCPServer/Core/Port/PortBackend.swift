import PluginKit
import StreamableHTTP

/// A server with an HTTP transport: one process, and sessions over HTTP to its port.
final class PortBackend: Serving {
    private let settings: ServerSettings
    private let transport: Endpoint.Transport
    private let http: HTTPSessions
    private let server: PortServer

    init(_ settings: ServerSettings, _ runtime: any Runtime, _ host: HostServices) {
        self.settings = settings
        transport = settings.transport == .sse ? .sse : .streamableHTTP
        let http = HTTPSessions(host: host)
        self.http = http
        server = PortServer(runtime, host) { http.abandonAll($0) }
    }

    var traits: BackendTraits { transport == .sse ? [.hasHeaders, .answersOnSession] : [.hasHeaders] }
    var listens: Bool { transport == .streamableHTTP }
    var processes: Int { server.isRunning ? 1 : 0 }
    var sessions: Int { http.count }

    func check(_ done: @escaping @Sendable () -> Void) { server.check(done) }

    func open(_ session: UInt64, parameters: SessionParameters, sink: SessionSink, call: Call) {
        server.whenReady(call) { [self] port in
            do throws(PluginError) {
                let address = try WebAddress("http://127.0.0.1:\(port)\(settings.transport.path ?? "/")")
                let endpoint = Endpoint(
                    address, transport: transport, auth: settings.auth, allowPrivate: true,
                    maximumEvent: settings.eventLimit)
                http.open(session, at: endpoint, parameters: parameters, sink: sink, call: call)
            } catch {
                call.resolve(Outcome(.internalError, error.message, notSent: true))
            }
        }
    }

    func send(_ session: UInt64, message: RawSpan, call: Call) { http.send(session, message: message, call: call) }
    func listen(_ session: UInt64, call: Call) { http.listen(session, call: call) }
    func close(_ session: UInt64, call: Call) { http.close(session, call: call) }
    func resume(_ session: UInt64) { http.resume(session) }

    func quiesce(_ call: Call) {
        http.abandonAll(Outcome(.unavailable, "the backend is being shut down", sessionLost: true))
        server.quiesce(call)
    }
}
