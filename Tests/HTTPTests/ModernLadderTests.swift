import Gateway
import Testing

@testable import HostHTTP

/// One request of 2026-07-28 and what it must get.
struct LadderRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let request: Request
    let status: Int
    /// `nil` is a result.
    let code: Int?
    /// The raw id of the answer.
    var id: String? = "7"
    /// What the answer must contain.
    let parts: [String]

    init(
        _ name: String, _ status: Int, _ code: Int? = nil, id: String? = "7", _ parts: String..., request: Request
    ) {
        (testDescription, self.status, self.code, self.id) = (name, status, code, id)
        (self.parts, self.request) = (parts, request)
    }
}

@Suite("2026-07-28: status, code, id and data", .timeLimit(.minutes(2)))
struct ModernLadderTests {
    private static func meta(_ members: String) -> String { "\"_meta\":{\(members)}" }
    private static let version = #""io.modelcontextprotocol/protocolVersion":"2026-07-28""#
    private static let capabilities = #""io.modelcontextprotocol/clientCapabilities":{}"#
    private static let list = Request.modern("tools/list")
    private static let future = #""io.modelcontextprotocol/protocolVersion":"2027-01-01""#
    private static let old = #""io.modelcontextprotocol/protocolVersion":"2025-11-25""#

    static let envelope: [LadderRow] = [
        .init("in order", 200, request: list),
        .init("a string id keeps its type", 200, id: #""7""#, request: .modern("tools/list", id: #""7""#)),
        .init("Origin comes first", 403, -32600, id: nil, request: list.with("Origin", "https://evil.example")),
        .init("wrong content type", 415, -32600, id: "null", request: list.with("Content-Type", "text/plain")),
        .init("accepts JSON only", 406, -32600, id: "null", request: list.with("Accept", "application/json")),
        .init(
            "not JSON", 400, -32700, id: "null",
            request: {
                var request = list
                request.body = "{"
                return request
            }()),
        .init(
            "a batch", 400, -32600, id: "null",
            request: {
                var request = list
                request.body = "[\(request.body)]"
                return request
            }()),
        .init(
            "a batch beside a foreign session id", 400, -32600, id: "null",
            request: {
                var request = list.with("Mcp-Session-Id", "x")
                request.body = "[\(request.body)]"
                return request
            }()),
        .init(
            "an empty batch", 400, -32600, id: "null",
            request: {
                var request = list
                request.body = "[]"
                return request
            }()),
        .init(
            "a response", 400, -32600, id: "null",
            request: {
                var request = list
                request.body = #"{"jsonrpc":"2.0","id":7,"result":{}}"#
                return request
            }()),
        .init("a null id", 400, -32600, id: "null", request: .modern("tools/list", id: "null")),
        .init("a fraction as id", 400, -32600, id: "null", request: .modern("tools/list", id: "1.5")),
        .init("no metadata", 400, -32602, request: .modern("tools/list", meta: "")),
        .init(
            "no version in it", 400, -32602, "protocolVersion", request: .modern("tools/list", meta: meta(capabilities))
        ),
        .init(
            "a version that is no string", 400, -32602,
            request: .modern("tools/list", meta: meta(#""io.modelcontextprotocol/protocolVersion":1,"# + capabilities))),
        .init(
            "no capabilities", 400, -32602, "clientCapabilities", request: .modern("tools/list", meta: meta(version))),
        .init(
            "capabilities that are no object", 400, -32602,
            request: .modern("tools/list", meta: meta(version + #","io.modelcontextprotocol/clientCapabilities":[]"#))),
        .init(
            "no version header", 400, -32020, #""data":{"header":"MCP-Protocol-Version"}"#,
            request: list.with("MCP-Protocol-Version", nil)),
        .init(
            "no version header and incomplete metadata", 400, -32020,
            request: .modern("tools/list", meta: meta(version)).with("MCP-Protocol-Version", nil)),
        .init("two version headers", 400, -32020, request: list.adding("MCP-Protocol-Version", "2026-07-28")),
        .init(
            "another version in the header", 400, -32020, #""headerValue":"2025-11-25","bodyValue":"2026-07-28""#,
            request: list.with("MCP-Protocol-Version", "2025-11-25")),
        .init("white space around the version", 200, request: list.with("MCP-Protocol-Version", " 2026-07-28\t")),
        .init("no Mcp-Method", 400, -32020, #""data":{"header":"Mcp-Method"}"#, request: list.with("Mcp-Method", nil)),
        .init("Mcp-Method in another case", 400, -32020, request: list.with("Mcp-Method", "Tools/List")),
        .init("two Mcp-Method", 400, -32020, request: list.adding("mcp-method", "tools/list")),
        .init(
            "header names in any case", 200, request: list.with("Mcp-Method", nil).adding("MCP-METHOD", "tools/list")),
        .init(
            "an unserved version", 400, -32022,
            #""data":{"supported":["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"requested":"2027-01-01"}"#,
            request: .modern("tools/list", meta: meta(future + "," + capabilities))
                .with("MCP-Protocol-Version", "2027-01-01")),
        .init(
            "a mismatch comes before an unserved version", 400, -32020,
            request: .modern("tools/list", meta: meta(future + "," + capabilities))),
        .init(
            "a wrong Mcp-Method comes before an unserved version", 400, -32020,
            request: .modern("tools/list", meta: meta(future + "," + capabilities))
                .with("MCP-Protocol-Version", "2027-01-01").with("Mcp-Method", "x")),
        .init(
            "a version with sessions in modern metadata", 400, -32022, #""requested":"2025-11-25""#,
            request: .modern("tools/list", meta: meta(old + "," + capabilities))
                .with("MCP-Protocol-Version", "2025-11-25")),
        .init("an unknown method", 404, -32601, request: .modern("no/such")),
        .init("a method that nobody offers", 404, -32601, request: .modern("prompts/list")),
        .init("a session id is ignored", 200, request: list.with("Mcp-Session-Id", "nobody's")),
        .init("Last-Event-ID is ignored", 200, request: list.with("Last-Event-ID", "1-1")),
    ]

    static let removed: [LadderRow] = [
        "initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
    ].map { .init("\($0) was removed", 404, -32601, request: .modern($0)) }

    static let outcomes: [LadderRow] =
        [-32602, -32020, -32021, -32022].map { (code: Int) in
            LadderRow("the gateway answers \(code)", 400, code, request: .tool("\(code)"))
        } + [
            .init("the gateway answers -32601", 404, -32601, request: .tool("-32601")),
            .init("the gateway answers -32603", 200, -32603, request: .tool("-32603")),
            .init("the gateway answers a code of a backend", 200, 4711, request: .tool("4711")),
        ]

    @Test("Each request gets its status, code and id", arguments: envelope + removed + outcomes)
    func row(_ row: LadderRow) async throws {
        try await TestServer.run { server in
            let response = try await server.answer(to: row.request)
            #expect(response.status == row.status, "\(response.body)")
            let message = try JSONSlice(validating: Array(response.body.utf8))
            #expect(message["error"]?["code"]?.integer == row.code)
            let id = message["id"].map { String(decoding: $0.bytes, as: UTF8.self) }
            #expect(id == row.id)
            for part in row.parts { #expect(response.body.contains(part), "\(response.body)") }
            #expect(response["mcp-session-id"] == nil)
            #expect(response["content-type"] == "application/json")
        }
    }

    @Test("A notification is accepted and ignored, whatever it lacks")
    func notification() async throws {
        try await TestServer.run { server in
            let request = Request(body: #"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#)
                .with("MCP-Protocol-Version", "2026-07-28")
            let response = try await server.answer(to: request)
            #expect(response.status == 202 && response.body.isEmpty)
        }
    }

    @Test("Both eras are served at the same time")
    func bothEras() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let modern = try await server.answer(to: Self.list)
            let legacy = try await server.answer(to: .call("ping", in: session))
            #expect(modern.status == 200 && legacy.status == 200)
        }
    }
}
