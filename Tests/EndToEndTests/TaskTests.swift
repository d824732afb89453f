import Testing

extension EndToEnd {
    /// Real servers that run tasks, two behind one gateway and with equal ids, asked by plain HTTP.
    @Suite("Tasks")
    struct TaskTests {
        private static let extensions = #"{"elicitation":{},"extensions":{"io.modelcontextprotocol/tasks":{}}}"#

        private func send(
            _ method: String, _ members: String, name: String? = nil, to gateway: RunningGateway
        ) async throws -> HTTPResponse {
            try await ModernRequest(
                method, members: members, name: name, meta: ModernRequest.meta(capabilities: Self.extensions)
            ).send(to: gateway.port)
        }

        /// The result of a request about one task.
        private func task(
            _ method: String, _ id: String, more: String = "", _ gateway: RunningGateway
        ) async throws -> JSON? {
            try await send(method, #""taskId":"\#(id)"\#(more)"#, name: id, to: gateway).json["result"]
        }

        /// Calls a tool, which becomes a task.
        private func make(_ tool: String, _ gateway: RunningGateway) async throws -> String {
            let result = try await send("tools/call", #""name":"\#(tool)""#, name: tool, to: gateway).json["result"]
            #expect(result?["resultType"]?.string == "task")
            return try #require(result?["taskId"]?.string)
        }

        private func serve(_ kind: String, _ body: (RunningGateway, FixtureServer, FixtureServer) async throws -> Void)
            async throws
        {
            let (one, two) = (try await FixtureServer.tasks(kind), try await FixtureServer.tasks(kind))
            var resources = Resources()
            resources.addRemote("one", one.url)
            resources.addRemote("two", two.url)
            try await RunningGateway.serve(resources) { gateway in
                for name in ["one", "two"] { _ = try await gateway.await(name, health: "healthy") }
                try await body(gateway, one, two)
            }
        }

        @Test("2026-07-28: a call becomes a task, which is asked for, answered and cancelled", .timeLimit(.minutes(2)))
        func decided() async throws {
            try await serve("modern") { gateway, one, two in
                let discovered = try await send("server/discover", "", to: gateway).json
                #expect(
                    discovered["result"]?["capabilities"]?["extensions"]?["io.modelcontextprotocol/tasks"] != nil)
                let plain = try await ModernRequest.call("one_work").send(to: gateway.port)
                #expect(try plain.json["result"]?.toolText == "at once")

                let (first, second) = (try await make("one_work", gateway), try await make("two_work", gateway))
                #expect(first != second)
                try await one.advance("1", "completed", text: "of one")
                let ended = try await task("tasks/get", first, gateway)
                #expect(ended?["status"]?.string == "completed" && ended?["taskId"]?.string == first)
                #expect(ended?["result"]?.toolText == "of one")
                #expect(try await task("tasks/get", second, gateway)?["status"]?.string == "working")
                #expect(try await task("tasks/cancel", second, gateway)?["resultType"]?.string == "complete")
                #expect(try await task("tasks/get", second, gateway)?["status"]?.string == "cancelled")

                let asking = try await make("two_ask", gateway)
                let needs = try await task("tasks/get", asking, gateway)
                #expect(needs?["status"]?.string == "input_required")
                #expect(needs?["inputRequests"]?["who"]?["params"]?["message"]?.string == "name?")
                _ = try await task(
                    "tasks/update", asking,
                    more: #","inputResponses":{"who":{"action":"accept","content":{"name":"Ada"}}}"#, gateway)
                #expect(try await task("tasks/get", asking, gateway)?["result"]?.toolText == "hello Ada")

                let seen = try await HTTPConnection(port: two.port).exchange("GET", "/seen").json.array
                #expect(seen.allSatisfy { $0[1] == $0[2] })
                #expect(
                    seen.map { $0[0]?.string } == [
                        "tasks/get", "tasks/cancel", "tasks/get", "tasks/get", "tasks/update", "tasks/get",
                    ])
                for unknown in ["1", first + "A"] {
                    let answer = try await send("tasks/get", #""taskId":"\#(unknown)""#, name: unknown, to: gateway)
                    #expect(try answer.json["error"]?["code"] == -32602)
                }
                let mismatch = try await send("tasks/get", #""taskId":"\#(first)""#, name: second, to: gateway)
                #expect(try mismatch.json["error"]?["code"] == -32020)
            }
        }

        @Test(
            "With a key an id is good after the gateway has begun anew, without one it is not", .timeLimit(.minutes(2)))
        func restarted() async throws {
            let server = try await FixtureServer.tasks("modern")
            var resources = Resources()
            resources.addRemote("one", server.url)
            let key = ["VMCP_STATE_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
            func run<Value>(
                _ environment: [String: String], _ body: (RunningGateway) async throws -> Value
            ) async throws -> Value {
                try await RunningGateway.serve(resources, environment: environment) { gateway in
                    _ = try await gateway.await("one", health: "healthy")
                    return try await body(gateway)
                }
            }
            let id = try await run(key) { try await make("one_work", $0) }
            #expect(try await run(key) { try await task("tasks/get", id, $0) }?["status"]?.string == "working")
            #expect(try await run([:]) { try await task("tasks/get", id, $0) } == nil)
        }

        @Test("2026-07-28: changes of the tasks that a listen names arrive on it", .timeLimit(.minutes(2)))
        func listened() async throws {
            try await serve("modern") { gateway, one, two in
                let (first, second) = (try await make("one_work", gateway), try await make("two_work", gateway))
                let request = ModernRequest(
                    "subscriptions/listen", members: #""notifications":{"taskIds":["\#(first)","\#(second)","1"]}"#,
                    meta: ModernRequest.meta(capabilities: Self.extensions))
                let connection = try HTTPConnection(port: gateway.port)
                _ = try await connection.open(
                    "POST", "/mcp", headers: request.headers, body: Array(request.body.utf8))
                var text = ""
                func message(_ method: String) async throws -> JSON {
                    while true {
                        if let line = RawClient.messages(in: text).first(where: { $0.contains("\"\(method)\"") }) {
                            text = ""
                            return try JSON(parsing: line.utf8)["params"] ?? .null
                        }
                        guard let chunk = try await connection.chunk() else { throw TestFailure("it ended: \(text)") }
                        text += String(decoding: chunk, as: UTF8.self)
                    }
                }
                let honoured = try await message("notifications/subscriptions/acknowledged")
                #expect(honoured["notifications"] == ["taskIds": [.string(first), .string(second)]])
                for (server, id) in [(two, second), (one, first)] {
                    try await server.advance("1", "completed", text: "done")
                    let told = try await message("notifications/tasks")
                    #expect(told["taskId"]?.string == id && told["status"]?.string == "completed")
                    #expect(told["result"]?.toolText == "done")
                    #expect(told["_meta"]?["io.modelcontextprotocol/subscriptionId"] == 7)
                }
            }
        }
    }
}
