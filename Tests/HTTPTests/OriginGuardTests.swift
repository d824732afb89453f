import Gateway
import HostHTTP
import Testing

@Suite("Origin and Host", .timeLimit(.minutes(1)))
struct OriginGuardTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var host = "localhost"
        var origin: String?
        var isAllowed: Bool
        var testDescription: String { "Host \(host), Origin \(origin ?? "none")" }
    }

    static let onLoopback: [Row] = [
        Row(isAllowed: true),
        Row(host: "LOCALHOST:4483", isAllowed: true),
        Row(host: "127.0.0.1", isAllowed: true),
        Row(host: "127.0.0.1:1", isAllowed: true),
        Row(host: "127.1.2.3:80", isAllowed: true),
        Row(host: "[::1]:4483", isAllowed: true),
        Row(host: "proxy.example:8080", isAllowed: true),
        Row(host: "evil.example", isAllowed: false),
        Row(host: "localhost.evil.example", isAllowed: false),
        Row(host: "127.0.0.1.evil.example", isAllowed: false),
        Row(host: "127.0.0.256", isAllowed: false),
        Row(host: "localhost:80:80", isAllowed: false),
        Row(host: "localhost:x", isAllowed: false),
        Row(host: "localhost@evil.example", isAllowed: false),
        Row(host: "[::1].evil.example", isAllowed: false),
        Row(host: "[::1", isAllowed: false),
        Row(host: "0.0.0.0", isAllowed: false),
        Row(host: "192.168.0.1", isAllowed: false),
        Row(origin: "http://localhost", isAllowed: true),
        Row(origin: "http://localhost:3000", isAllowed: true),
        Row(origin: "https://127.0.0.1:1", isAllowed: true),
        Row(origin: "HTTP://[::1]:8080", isAllowed: true),
        Row(origin: "https://app.example:8443", isAllowed: true),
        Row(origin: "https://app.example", isAllowed: false),
        Row(origin: "http://evil.example", isAllowed: false),
        Row(origin: "http://localhost.evil.example", isAllowed: false),
        Row(origin: "http://localhost/../evil", isAllowed: false),
        Row(origin: "null", isAllowed: false),
        Row(origin: "NULL", isAllowed: false),
        Row(origin: "", isAllowed: false),
        Row(origin: "localhost", isAllowed: false),
        Row(origin: "chrome-extension://localhost", isAllowed: false),
    ]

    @Test("On loopback only loopback names and configured ones pass", arguments: onLoopback)
    func loopback(_ row: Row) {
        #expect(Self.passes(row, boundTo: "127.0.0.1") == row.isAllowed)
        #expect(Self.passes(row, boundTo: "::1") == row.isAllowed)
    }

    static let onOthers: [Row] = [
        Row(host: "mcp.example", isAllowed: true),
        Row(host: "mcp.example", origin: "https://app.example:8443", isAllowed: true),
        Row(host: "mcp.example", origin: "http://mcp.example", isAllowed: false),
        Row(host: "localhost", origin: "http://localhost", isAllowed: false),
        Row(host: "mcp.example", origin: "null", isAllowed: false),
    ]

    @Test("Elsewhere any Host passes, and only configured origins", arguments: onOthers)
    func elsewhere(_ row: Row) {
        #expect(Self.passes(row, boundTo: "0.0.0.0") == row.isAllowed)
    }

    private static func passes(_ row: Row, boundTo address: String) -> Bool {
        var settings = HTTPServerSettings()
        settings.host = address
        settings.allowedOrigins = ["https://App.example:8443", "null"]
        settings.allowedHosts = ["Proxy.example"]
        var headers = [Header("host", row.host)]
        if let origin = row.origin { headers.append(Header("origin", origin)) }
        var request = HTTPRequest(
            method: "POST", path: "/mcp", headers: HTTPFields(headers), authority: row.host)
        let refusal = OriginGuard(settings, next: Everything()).admit(&request)
        return refusal == nil
    }

    private struct Everything: HTTPHandler {
        func admit(_ head: inout HTTPRequest) -> HTTPResponse? { nil }
        func handle(_ request: HTTPRequest, _ responder: any HTTPResponder) {}
    }

    static let targets = [
        ("POST", "/mcp"), ("GET", "/mcp"), ("DELETE", "/mcp"), ("OPTIONS", "/mcp"), ("GET", "/health"),
        ("GET", "/status"),
        ("GET", "/.well-known/x"), ("PUT", "/elsewhere"),
    ]

    @Test("The guard stands before every path and method, and before the body is read", arguments: targets)
    func everywhere(_ method: String, _ path: String) async throws {
        try await TestServer.run { server in
            for (name, value) in [("Origin", "http://evil.example"), ("Host", "evil.example")] {
                let connection = try await server.connect()
                let request = Request(method, path).with(name, value)
                // A body that never comes.
                try await connection.send(request.text.replacing("Content-Length: 0", with: "Content-Length: 99"))
                let response = try await connection.response()
                #expect(response.status == 403)
                #expect(!response.body.contains(#""id""#))
                await connection.closed()
                try await connection.close()
            }
        }
    }

    @Test("An absolute target is judged too, and both names must be ours")
    func absoluteTarget() async throws {
        try await TestServer.run { server in
            let foreign = try await server.answer(to: Request("GET", "http://evil.example/health"))
            #expect(foreign.status == 403)
            let hidden = try await server.answer(
                to: Request("GET", "http://localhost/health").with("Host", "evil.example"))
            #expect(hidden.status == 403)
            let own = try await server.answer(to: Request("GET", "http://localhost:1/health?x"))
            #expect(own.status == 200)
        }
    }
}
