import Gateway
import HostHTTP
import Testing

@Suite("Batches of 2025-03-26", .timeLimit(.minutes(1)))
struct BatchTests {
    private static func call(_ method: String, _ id: Int) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"}"#
    }
    private static func result(_ id: Int) -> String { #"{"jsonrpc":"2.0","id":\#(id),"result":{}}"# }
    private static let notification = #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#

    @Test("Requests are answered by one array in their order, whatever order the answers come in")
    func array() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_03_26)
            let body =
                "[\(Self.call("later", 1)),\(Self.notification),\(Self.call("echo", 2)),\(Self.call("later", 3))]"
            let response = try await server.answer(to: Request(body: body).in(session))
            #expect(response.status == 200)
            #expect(response["content-type"] == "application/json")
            #expect(response.body == "[\(Self.result(1)),\(Self.result(2)),\(Self.result(3))]")
            #expect(server.sessions.journal.lines.contains("accepted notifications/initialized"))
        }
    }

    @Test("With a notification the answer becomes a stream, each answer an event")
    func stream() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_03_26)
            let body = "[\(Self.call("echo", 1)),\(Self.call("notify", 2)),\(Self.call("later", 3))]"
            let connection = try await server.connect()
            try await connection.send(Request(body: body).in(session).text)
            #expect(try await connection.head()["content-type"] == "text/event-stream")
            var events: [String] = []
            while let event = try await connection.chunk() { events.append(event) }
            #expect(events.count == 4)
            #expect(events.first == "event: message\ndata: \(Self.result(1))\n\n")
            #expect(events[1].contains("notifications/progress"))
            for id in 2...3 { #expect(events.contains("event: message\ndata: \(Self.result(id))\n\n")) }
            try await connection.close()
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: String
        let status: Int
        let answer: [String]
    }

    static let rows: [Row] = [
        .init(
            testDescription: "only notifications", body: "[\(notification),\(notification)]", status: 202, answer: []),
        .init(
            testDescription: "only responses", body: #"[{"jsonrpc":"2.0","id":4,"result":{}}]"#, status: 202, answer: []
        ),
        .init(testDescription: "empty", body: " [ ] ", status: 400, answer: [#""id":null"#, "-32600"]),
        .init(testDescription: "not JSON", body: "[1,", status: 400, answer: [#""id":null"#, "-32700"]),
        .init(testDescription: "nothing valid", body: "[1,2]", status: 400, answer: ["[{", "-32600"]),
        .init(
            testDescription: "partly valid", body: "[1,\(call("echo", 5))]", status: 200,
            answer: [#"[{"jsonrpc":"2.0","id":null,"error":{"code":-32600"#, result(5)]),
        .init(
            testDescription: "initialize in it", body: "[\(call("initialize", 6)),\(call("echo", 7))]", status: 200,
            answer: [#"[{"jsonrpc":"2.0","id":6,"error":{"code":-32600"#, result(7)]),
        .init(
            testDescription: "too many",
            body: "[" + Array(repeating: notification, count: 300).joined(separator: ",") + "]",
            status: 400, answer: ["-32600", "256", "300"]),
    ]

    @Test("Other batches get their status and code", arguments: rows)
    func other(_ row: Row) async throws {
        try await TestServer.run { server in
            let response = try await server.answer(
                to: Request(body: row.body).in(server.sessions.open(.v2025_03_26)))
            #expect(response.status == row.status)
            for part in row.answer { #expect(response.body.contains(part), "\(response.body)") }
        }
    }

    @Test("Sessions of other revisions have none", arguments: ProtocolRevision.allCases.filter { !$0.hasBatches })
    func otherRevisions(_ revision: ProtocolRevision) async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(revision)
            let request = Request(body: "[\(Self.call("echo", 1))]").in(session)
            let response = try await server.answer(to: request.with("MCP-Protocol-Version", "2025-03-26"))
            #expect(response.status == 400)
            #expect(response.body.contains("-32600"))
        }
    }

    @Test("A client that leaves is detached from every request of its batch")
    func disconnect() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_03_26)
            let connection = try await server.connect()
            let body = "[\(Self.call("hold", 1)),\(Self.call("hold", 2))]"
            try await connection.send(Request(body: body).in(session).text)
            await server.sessions.journal.first("held 2")
            try await connection.reset()
            while server.sessions.journal.lines.count(where: { $0 == "detached" }) < 2 { await Task.yield() }
            session.release()
        }
    }

    @Test("One message more than a batch may have is refused with the limit; as many as it may have are served")
    func limit() async throws {
        try await TestServer.run {
            $0.maximumBatch = 2
        } _: { server in
            let session = server.sessions.open(.v2025_03_26)
            let message = #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#
            func batch(_ count: Int) -> Request {
                Request(body: "[\([String](repeating: message, count: count).joined(separator: ","))]").in(session)
            }
            #expect(try await server.answer(to: batch(2)).status == 202)
            let refused = try await server.answer(to: batch(3))
            #expect(refused.status == 400)
            #expect(refused.body.contains("at most 2 messages, found 3 (operational.limits.batchMessages)"))
        }
    }
}
