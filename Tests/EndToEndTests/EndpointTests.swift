import Testing

extension EndToEnd {
    /// What the endpoint answers to input that is not as it should be (gateway requirements, sections 2.2 and 3).
    @Suite("Endpoint")
    struct EndpointTests {
        /// One request and what it must get. `session` in a header stands for the id of an open session.
        struct Row: Sendable, CustomTestStringConvertible {
            let testDescription: String
            var method = "POST"
            var path = "/mcp"
            var headers: [(String, String)] = []
            var without: Set<String> = []
            var hasSession = true
            var body = "{\"jsonrpc\":\"2.0\",\"id\":\"seven\",\"method\":\"tools/list\"}"
            let status: Int
            /// The JSON-RPC error's code; `nil` = no body is asked for.
            var code: Int?
            /// The JSON-RPC id of the error.
            var id: JSON?
        }

        static let rows: [Row] = [
            Row(
                testDescription: "no JSON", body: "{bad json", status: 400, code: -32700),
            Row(testDescription: "an empty body", body: "", status: 400, code: -32700),
            Row(testDescription: "a string", body: "\"text\"", status: 400, code: -32600),
            Row(
                testDescription: "JSON-RPC 1.0", body: "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
                status: 400,
                code: -32600),
            Row(
                testDescription: "a null id", body: "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
                status: 400, code: -32600),
            Row(
                testDescription: "a batch, removed in 2025-06-18",
                body: "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", status: 400, code: -32600),
            Row(testDescription: "no session", hasSession: false, status: 400, code: -32600, id: "seven"),
            Row(
                testDescription: "an unknown session",
                headers: [("Mcp-Session-Id", "00000000-0000-0000-0000-000000000000")], hasSession: false, status: 404,
                code: -32600, id: "seven"),
            Row(
                testDescription: "an unknown revision in the header", headers: [("MCP-Protocol-Version", "1999-01-01")],
                without: ["mcp-protocol-version"], status: 400, code: -32600, id: "seven"),
            Row(
                testDescription: "a wrong content type", headers: [("Content-Type", "text/plain")],
                without: ["content-type"], status: 415, code: -32600),
            Row(
                testDescription: "an Accept without event streams", headers: [("Accept", "application/json")],
                without: ["accept"], status: 406, code: -32600),
            Row(testDescription: "a foreign Origin", headers: [("Origin", "http://evil.example")], status: 403),
            Row(testDescription: "a foreign Host", headers: [("Host", "evil.example")], status: 403),
            Row(
                testDescription: "an unknown tool",
                body: "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"nope\"}}",
                status: 200, code: -32602, id: 7),
            Row(
                testDescription: "arguments that are no object",
                body: """
                    {"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"raw_echo","arguments":[1]}}
                    """, status: 200, code: -32602, id: 7),
            Row(
                testDescription: "an unknown method",
                body: "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/paint\"}", status: 200, code: -32601, id: 7),
            Row(
                testDescription: "an unknown resource",
                body: """
                    {"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"uri":"none://x"}}
                    """, status: 200, code: -32002, id: 7),
            Row(
                testDescription: "an unknown prompt",
                body: "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"prompts/get\",\"params\":{\"name\":\"nope\"}}",
                status: 200, code: -32602, id: 7),
            Row(
                testDescription: "a bad cursor",
                body: "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":{\"cursor\":\"zzz\"}}",
                status: 200, code: -32602, id: 7),
            Row(
                testDescription: "a bad log level",
                body: "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"loud\"}}",
                status: 200, code: -32602, id: 7),
            Row(testDescription: "PUT", method: "PUT", status: 405),
            Row(testDescription: "DELETE without a session", method: "DELETE", hasSession: false, status: 400),
            Row(
                testDescription: "GET without event streams", method: "GET", headers: [("Accept", "application/json")],
                without: ["accept"], body: "", status: 406),
            Row(testDescription: "another path", path: "/other", status: 404),
        ]

        @Test("Each wrong request gets its status and code, and the session goes on", .timeLimit(.minutes(3)))
        func wrongRequests() async throws {
            var resources = Resources()
            try resources.addRaw("raw")
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                for row in Self.rows {
                    let connection = try HTTPConnection(port: gateway.port)
                    var headers = client.headers.filter { !row.without.contains($0.0.lowercased()) }
                    if !row.hasSession { headers.removeAll { $0.0 == "Mcp-Session-Id" } }
                    let answer = try await connection.exchange(
                        row.method, row.path, headers: headers + row.headers, body: Array(row.body.utf8))
                    let note = Comment(rawValue: "\(row.testDescription): \(answer.status) \(answer.text)")
                    #expect(answer.status == row.status, note)
                    if let code = row.code {
                        let error = try answer.json
                        #expect(error["jsonrpc"] == "2.0" && error["error"]?["code"]?.number == Double(code), note)
                        if let id = row.id { #expect(error["id"] == id, note) }
                    }
                }
                #expect(try await client.call("raw_echo", "{\"text\":\"still here\"}").toolText == "raw: still here")
            }
        }

        @Test("A body that is too large gets 413, before it is read", .timeLimit(.minutes(1)))
        func largeBody() async throws {
            var resources = Resources()
            try resources.addRaw("raw")
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                let connection = try HTTPConnection(port: gateway.port)
                let answer = try await connection.exchange(
                    "POST", "/mcp", headers: client.headers + [("Content-Length", "1000000000")],
                    body: [UInt8](repeating: UInt8(ascii: " "), count: 100_000))
                #expect(answer.status == 413, "\(answer.text)")
                #expect(try await client.toolNames().count == 8)
            }
        }

        @Test("A session of 2025-03-26 may send a batch and gets an array", .timeLimit(.minutes(1)))
        func batch() async throws {
            var resources = Resources()
            try resources.addRaw("raw")
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client(revision: "2025-03-26")
                let answer = try await client.post(
                    """
                    [{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/x"},
                     {"jsonrpc":"2.0","id":"1","method":"tools/call","params":{"name":"raw_count"}}]
                    """)
                #expect(answer.status == 200)
                #expect(try answer.json.array.map { $0["id"] } == [1, "1"])
            }
        }

        @Test(
            "The revision asked for is spoken, and an unknown one gets the newest", .timeLimit(.minutes(1)),
            arguments: [
                ("2025-03-26", "2025-03-26"), ("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"),
                ("1999-01-01", "2025-11-25"),
            ])
        func revisions(asked: String, spoken: String) async throws {
            var resources = Resources()
            try resources.addRaw("raw")
            try await RunningGateway.serve(resources) { gateway in
                let client = try RawClient(port: gateway.port)
                let greeting = try await client.initialize(revision: asked)
                #expect(greeting["protocolVersion"]?.string == spoken)
                #expect(greeting["serverInfo"]?["name"] == "gateway")
            }
        }

        @Test("No byte of a result, an error or a schema changes on the way", .timeLimit(.minutes(1)))
        func fidelity() async throws {
            var resources = Resources()
            try resources.addRaw("raw")
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                let exact = try await client.answer("tools/call", "{\"name\":\"raw_exact\",\"arguments\":{}}")
                #expect(
                    exact.contains(
                        #""result":{"content":[{"type":"text","text":"caf\u00e9 \ud83d\ude00","x-unknown":[1.50,1e2]}],"#
                            + #""structuredContent":{"z":1.0,"a":12345678901234567890,"m":-0.0,"#
                            + #""b":{"y":null,"x":true}},"later":{"k":1E+2}}"#), "\(exact)")
                let refused = try await client.answer("tools/call", "{\"name\":\"raw_refuse\"}")
                #expect(
                    refused.contains(#""error":{"code":-31999,"message":"not today","data":{"n":1.0,"a":[]}}"#),
                    "\(refused)")
                let list = try await client.answer("tools/list")
                #expect(list.contains(#"{"type":"object","$comment":1.0}"#), "\(list)")
            }
        }

        @Test("Health, readiness and status answer without a session", .timeLimit(.minutes(1)))
        func status() async throws {
            var resources = Resources()
            try resources.addRaw("raw")
            try await RunningGateway.serve(resources) { gateway in
                #expect(try await gateway.get("/health").text == #"{"status":"ok"}"#)
                #expect(try await gateway.get("/readyz").status == 200)
                _ = try await gateway.await("raw", health: "healthy")
                let status = try await gateway.get("/status")
                #expect(status.headers["cache-control"] == "no-store")
                #expect(try status.json["healthy"] == true)
                #expect(try status.json["group_ref"] == "group")
                #expect(try await gateway.get("/api/backends/health").json["monitoring_enabled"] != nil)
            }
        }
    }
}
