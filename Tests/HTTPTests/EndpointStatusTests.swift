import Gateway
import Testing

/// One request and what it must get.
struct StatusRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let request: @Sendable (ScriptedSession) -> Request
    let status: Int
    /// What the body must contain.
    let body: [String]

    init(
        _ name: String, _ status: Int, _ body: String..., request: @escaping @Sendable (ScriptedSession) -> Request
    ) {
        (testDescription, self.status, self.body, self.request) = (name, status, body, request)
    }
}

private let ping = #"{"jsonrpc":"2.0","id":7,"method":"ping"}"#

@Suite("Endpoint: status and code", .timeLimit(.minutes(2)))
struct EndpointStatusTests {
    static let postRows: [StatusRow] = [
        .init("a request", 200, #"{"jsonrpc":"2.0","id":7,"result":{"a":1.0}}"#) {
            .call("echo", id: "7", params: #"{"a":1.0}"#, in: $0)
        },
        .init("a string id keeps its type", 200, #""id":"7""#) { .call("echo", id: #""7""#, in: $0) },
        .init("a notification", 202) {
            Request(body: #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).in($0)
        },
        .init("a response", 202) { Request(body: #"{"jsonrpc":"2.0","id":9,"result":{}}"#).in($0) },
        .init("content type with a parameter", 200) {
            .call("ping", in: $0).with("Content-Type", "Application/JSON ; charset=utf-8")
        },
        .init("wrong content type", 415, #""id":null"#, "-32600") {
            .call("ping", in: $0).with("Content-Type", "text/plain")
        },
        .init("no content type", 415) { .call("ping", in: $0).with("Content-Type", nil) },
        .init("a compressed body", 415, "Content-Encoding") { .call("ping", in: $0).with("Content-Encoding", "gzip") },
        .init("accepts JSON only", 406, "-32600") { .call("ping", in: $0).with("Accept", "application/json") },
        .init("accepts streams only", 406) { .call("ping", in: $0).with("Accept", "text/event-stream") },
        .init("accepts nothing", 406) { .call("ping", in: $0).with("Accept", nil) },
        .init("refuses JSON by weight", 406) {
            .call("ping", in: $0).with("Accept", "application/json;q=0, text/event-stream")
        },
        .init("accepts everything", 200) { .call("ping", in: $0).with("Accept", "*/*") },
        .init("accepts by type", 200) { .call("ping", in: $0).with("Accept", "text/*;q=0.5,application/*") },
        .init("accepts in two fields", 200) {
            .call("ping", in: $0).with("Accept", "application/json").adding("accept", "text/event-stream")
        },
        .init("not JSON", 400, "-32700", #""id":null"#) { Request(body: "{bad json").in($0) },
        .init("empty body", 400, "-32700") { Request(body: "").in($0) },
        .init("a string", 400, "-32600", #""id":null"#) { Request(body: #""str""#).in($0) },
        .init("another JSON-RPC", 400, "-32600", #""id":5"#) {
            Request(body: #"{"jsonrpc":"1.0","id":5,"method":"ping"}"#).in($0)
        },
        .init("no version member", 400, "-32600", #""id":5"#) { Request(body: #"{"id":5,"method":"ping"}"#).in($0) },
        .init("neither method nor result", 400, "-32600", #""id":"x""#) {
            Request(body: #"{"jsonrpc":"2.0","id":"x"}"#).in($0)
        },
        .init("a null id", 400, "-32600", #""id":null"#) {
            Request(body: #"{"jsonrpc":"2.0","id":null,"method":"ping"}"#).in($0)
        },
        .init("params that are no object", 400, "-32602", #""id":5"#) {
            Request(body: #"{"jsonrpc":"2.0","id":5,"method":"ping","params":[1]}"#).in($0)
        },
        .init("no session", 400, "-32600", #""id":7"#, "Mcp-Session-Id") { _ in Request(body: ping) },
        .init("an unknown session", 404, "-32600", #""id":7"#) { _ in
            Request(body: ping).with("mcp-session-id", "garbage")
        },
        .init("an unknown session and a revision we serve", 404) { _ in
            Request(body: ping).with("mcp-session-id", "x").with("MCP-Protocol-Version", "2025-11-25")
        },
        .init("two session ids", 400, #""id":7"#) { Request(body: ping).in($0).adding("Mcp-Session-Id", "other") },
        .init("the header spelled as in 2025-11-25", 200) { Request(body: ping).with("MCP-Session-Id", $0.id) },
        .init("the session's revision", 200) { Request(body: ping).in($0).with("mcp-protocol-version", "2025-11-25") },
        .init("another revision we serve", 200) {
            Request(body: ping).in($0).with("MCP-Protocol-Version", "2025-03-26")
        },
        .init("a revision nobody has", 400, "-32600", #""id":7"#) {
            Request(body: ping).in($0).with("MCP-Protocol-Version", "1999-01-01")
        },
        .init("two revisions of which one is none", 400) {
            Request(body: ping).in($0).with("MCP-Protocol-Version", "2025-11-25")
                .adding("MCP-Protocol-Version", "nonsense")
        },
        .init("a batch in 2025-11-25", 400, "-32600", #""id":null"#) { Request(body: "[\(ping)]").in($0) },
        .init("a batch without a session", 400, "-32600") { _ in Request(body: "[\(ping)]") },
        .init("a batch in an unknown session", 404) { _ in Request(body: "[\(ping)]").with("Mcp-Session-Id", "x") },
        .init("initialize in a session", 400, "-32600", #""id":1"#) { .call("initialize", in: $0) },
        .init("initialize without an id", 400, "-32600") { _ in
            Request(body: #"{"jsonrpc":"2.0","method":"initialize"}"#)
        },
        .init("initialize that is refused", 200, "-32602", #""id":1"#) { _ in .call("initialize", in: nil) },
        .init("a session that ends under a request", 404, #""id":1"#) { .call("close", in: $0) },
    ]

    static let otherRows: [StatusRow] = [
        .init("GET without Accept", 406, "-32600") { Request("GET").in($0).with("Accept", nil) },
        .init("GET that accepts JSON", 406) { Request("GET").in($0).with("Accept", "application/json") },
        .init("GET without a session", 400) { _ in Request("GET") },
        .init("GET in an unknown session", 404) { _ in Request("GET").with("Mcp-Session-Id", "x") },
        .init("GET with a revision nobody has", 400) { Request("GET").in($0).with("MCP-Protocol-Version", "1") },
        .init("DELETE without a session", 400) { _ in Request("DELETE") },
        .init("DELETE of an unknown session", 404) { _ in Request("DELETE").with("Mcp-Session-Id", "x") },
        .init("DELETE", 200) { Request("DELETE").in($0) },
        .init("PUT", 405) { Request("PUT").in($0) },
        .init("OPTIONS", 405) { Request("OPTIONS").in($0) },
        .init("PATCH", 405) { Request("PATCH").in($0) },
        .init("HEAD", 405) { Request("HEAD").in($0) },
        .init("a slash at the end", 200) { session in
            var request = Request.call("ping", in: session)
            request.target = "/mcp/?a=b"
            return request
        },
        .init("MCP elsewhere", 404, "not_found") { session in
            var request = Request.call("ping", in: session)
            request.target = "/mcpx"
            return request
        },
    ]

    @Test("Each kind of request gets its status, code and id", arguments: postRows + otherRows)
    func row(_ row: StatusRow) async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let response = try await server.answer(to: row.request(session))
            #expect(response.status == row.status)
            for part in row.body { #expect(response.body.contains(part), "\(response.body)") }
            if row.status == 202 { #expect(response.body.isEmpty) }
            if row.status == 405 { #expect(response["allow"] == "GET, POST, DELETE") }
            if row.status >= 400, !response.body.isEmpty { #expect(response["content-type"] == "application/json") }
        }
    }

    @Test(
        "Sessions before 2025-06-18 ignore the version header",
        arguments: [ProtocolRevision.v2024_11_05, .v2025_03_26])
    func oldRevisions(_ revision: ProtocolRevision) async throws {
        try await TestServer.run { server in
            let request = Request.call("ping", in: server.sessions.open(revision))
            let response = try await server.answer(to: request.with("MCP-Protocol-Version", "1999-01-01"))
            #expect(response.status == 200)
        }
    }

    @Test("initialize opens a session whose id the answer carries", arguments: ProtocolRevision.allCases)
    func initialize(_ revision: ProtocolRevision) async throws {
        try await TestServer.run { server in
            let params = #"{"protocolVersion":"\#(revision.rawValue)"}"#
            let response = try await server.answer(to: .call("initialize", id: "0", params: params, in: nil))
            #expect(response.status == 200)
            #expect(response.body == #"{"jsonrpc":"2.0","id":0,"result":{"version":"\#(revision.rawValue)"}}"#)
            let id = try #require(response["mcp-session-id"])
            let ping = Request.call("ping", in: nil).with("Mcp-Session-Id", id)
            #expect(try await server.answer(to: ping).status == 200)
            #expect(try await server.answer(to: Request("DELETE").with("Mcp-Session-Id", id)).status == 200)
            #expect(try await server.answer(to: ping).status == 404)
        }
    }

    @Test("A session whose client left before it knew the id is ended")
    func abandonedInitialize() async throws {
        try await TestServer.run { server in
            let connection = try await server.connect()
            let initialize = Request.call("initialize", params: #"{"protocolVersion":"wait"}"#, in: nil)
            // Two requests: the answer to the first shows that the second has been read.
            try await connection.send(Request.call("nothing", in: nil).text + initialize.text)
            _ = try await connection.response()
            try await connection.reset()
            await server.logs.first("debug: connection lost")
            // One event loop: after this answer it has done what the loss brought.
            _ = try await server.answer(to: Request("GET", "/health"))
            server.sessions.journal.add("go on")
            await server.sessions.journal.first("initialized")
            await server.sessions.journal.first("ended")
        }
    }

    @Test("A session answers nobody but its principal")
    func foreignPrincipal() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25, principal: Principal(issuer: "i", subject: "s"))
            let response = try await server.answer(to: .call("ping", in: session))
            #expect(response.status == 404)
        }
    }
}
