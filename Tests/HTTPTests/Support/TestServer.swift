import Gateway
import HostHTTP
import Logging

/// The whole HTTP side on a free port, in front of scripted sessions.
final class TestServer: Sendable {
    let sessions = ScriptedSessions()
    let requests = ScriptedRequests()
    let logs = Journal()
    let openStreams: OpenStreams
    let server: NIOHTTPServer
    var port: Int { server.port }

    private init(
        _ settings: HTTPServerSettings,
        _ server: @Sendable (ScriptedSessions, ScriptedRequests, OpenStreams, Journal) async throws -> NIOHTTPServer
    )
        async throws
    {
        openStreams = OpenStreams(settings)
        self.server = try await server(sessions, requests, openStreams, logs)
    }

    /// Starts a server, runs `body`, and stops the server.
    static func run(
        _ change: (inout HTTPServerSettings) -> Void = { _ in }, status: FixedStatus = FixedStatus(),
        _ body: (TestServer) async throws -> Void
    ) async throws {
        var settings = HTTPServerSettings()
        settings.port = 0
        settings.threads = 1
        settings.lingerTimeout = .milliseconds(200)
        settings.gracePeriod = .milliseconds(500)
        change(&settings)
        let server = try await TestServer(settings) { [settings] sessions, requests, openStreams, logs in
            let endpoint = MCPEndpoint(settings, sessions: sessions, requests: requests, openStreams: openStreams)
            let router = Router(endpointPath: settings.endpointPath, endpoint: endpoint, status: status)
            let logger = Logger(label: "test") { _ in JournalLogHandler(journal: logs) }
            return try await NIOHTTPServer.start(settings, handler: OriginGuard(settings, next: router), logger: logger)
        }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
        await server.server.stop()
        try outcome.get()
    }

    func connect(reading: Bool = true) async throws -> RawConnection {
        try await RawConnection.open(port: port, reading: reading)
    }

    /// Sends one request on a connection of its own and reads the answer.
    func answer(to request: Request) async throws -> RawResponse {
        let connection = try await connect()
        try await connection.send(request.text)
        let response = try await connection.response(toHead: request.method == "HEAD")
        try await connection.close()
        return response
    }
}

/// A request as text. Begins as a correct POST of an MCP client.
struct Request {
    var method = "POST"
    var target = "/mcp"
    /// `nil` values leave a field out.
    var headers: [(String, String?)] = [
        ("Host", "127.0.0.1"), ("Content-Type", "application/json"),
        ("Accept", "application/json, text/event-stream"),
    ]
    var body = ""

    init(_ method: String = "POST", _ target: String = "/mcp", body: String = "") {
        self.method = method
        self.target = target
        self.body = body
        if method != "POST" { headers = [("Host", "127.0.0.1"), ("Accept", "text/event-stream")] }
    }

    /// A request of JSON-RPC.
    static func call(_ method: String, id: String = "1", params: String = "{}", in session: ScriptedSession?) -> Request
    {
        Request(body: #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#).in(session)
    }

    func `in`(_ session: ScriptedSession?) -> Request {
        guard let session else { return self }
        return with("Mcp-Session-Id", session.id)
    }

    /// Replaces a field, or takes it away.
    func with(_ name: String, _ value: String?) -> Request {
        var copy = self
        copy.headers.removeAll { $0.0.lowercased() == name.lowercased() }
        copy.headers.append((name, value))
        return copy
    }

    /// Adds a field beside those of the same name.
    func adding(_ name: String, _ value: String) -> Request {
        var copy = self
        copy.headers.append((name, value))
        return copy
    }

    var text: String {
        let fields = headers.compactMap { name, value in value.map { "\(name): \($0)\r\n" } }.joined()
        let length = method == "GET" || method == "HEAD" ? "" : "Content-Length: \(body.utf8.count)\r\n"
        return "\(method) \(target) HTTP/1.1\r\n\(fields)\(length)\r\n\(body)"
    }
}

/// A gateway whose state never changes.
struct FixedStatus: StatusProvider {
    var ready = Readiness.ready(mode: "static")
    var gateway = GatewayStatus(backends: [], version: "1.2.3", groupRef: "demo")
    var records: [BackendHealthRecord]?
    var shown: String?
    var kept: [String: [String]] = [:]

    func lines(of backend: String) -> [String]? { kept[backend] }
    func readiness() async -> Readiness { ready }
    func status() -> GatewayStatus { gateway }
    func backendHealth() -> [BackendHealthRecord]? { records }
    func metrics() -> (text: [UInt8], contentType: String)? { shown.map { (Array($0.utf8), "text/plain") } }
}
