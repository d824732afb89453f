import Testing

/// A client of 2026-07-28 that takes tasks, by plain HTTP, in front of two servers of Fixtures/servers/task_server.py with
/// equal ids, the backends `one` and `two`.
struct TaskClient {
    private static let capabilities = #"{"elicitation":{},"extensions":{"io.modelcontextprotocol/tasks":{}}}"#

    /// The gateway's, or that of a proxy before it.
    let port: Int

    func send(_ method: String, _ members: String, name: String? = nil) async throws -> HTTPResponse {
        try await ModernRequest(
            method, members: members, name: name, meta: ModernRequest.meta(capabilities: Self.capabilities)
        ).send(to: port)
    }

    /// The result of a request about one task.
    func task(_ method: String, _ id: String, more: String = "") async throws -> JSON? {
        try await send(method, #""taskId":"\#(id)"\#(more)"#, name: id).json["result"]
    }

    /// Calls a tool, which becomes a task.
    func make(_ tool: String) async throws -> String {
        let result = try await send("tools/call", #""name":"\#(tool)""#, name: tool).json["result"]
        #expect(result?["resultType"]?.string == "task")
        return try #require(result?["taskId"]?.string)
    }

    /// Makes tasks, asks for them, answers one and cancels one.
    func useAll(_ one: FixtureServer, _ two: FixtureServer) async throws {
        let discovered = try await send("server/discover", "").json
        #expect(discovered["result"]?["capabilities"]?["extensions"]?["io.modelcontextprotocol/tasks"] != nil)
        let plain = try await ModernRequest.call("one_work").send(to: port)
        #expect(try plain.json["result"]?.toolText == "at once")

        let (first, second) = (try await make("one_work"), try await make("two_work"))
        #expect(first != second)
        try await one.advance("1", "completed", text: "of one")
        let ended = try await task("tasks/get", first)
        #expect(ended?["status"]?.string == "completed" && ended?["taskId"]?.string == first)
        #expect(ended?["result"]?.toolText == "of one")
        #expect(try await task("tasks/get", second)?["status"]?.string == "working")
        #expect(try await task("tasks/cancel", second)?["resultType"]?.string == "complete")
        #expect(try await task("tasks/get", second)?["status"]?.string == "cancelled")

        let asking = try await make("two_ask")
        let needs = try await task("tasks/get", asking)
        #expect(needs?["status"]?.string == "input_required")
        #expect(needs?["inputRequests"]?["who"]?["params"]?["message"]?.string == "name?")
        _ = try await task(
            "tasks/update", asking,
            more: #","inputResponses":{"who":{"action":"accept","content":{"name":"Ada"}}}"#)
        #expect(try await task("tasks/get", asking)?["result"]?.toolText == "hello Ada")

        let seen = try await HTTPConnection(port: two.port).exchange("GET", "/seen").json.array
        #expect(seen.allSatisfy { $0[1] == $0[2] })
        #expect(
            seen.map { $0[0]?.string } == [
                "tasks/get", "tasks/cancel", "tasks/get", "tasks/get", "tasks/update", "tasks/get",
            ])
        for unknown in ["1", first + "A"] {
            let answer = try await send("tasks/get", #""taskId":"\#(unknown)""#, name: unknown)
            #expect(try answer.json["error"]?["code"] == -32602)
        }
        let mismatch = try await send("tasks/get", #""taskId":"\#(first)""#, name: second)
        #expect(try mismatch.json["error"]?["code"] == -32020)
    }

    /// Makes the first task of each server and hears of their ends.
    func listen(_ one: FixtureServer, _ two: FixtureServer) async throws {
        let (first, second) = (try await make("one_work"), try await make("two_work"))
        let request = ModernRequest(
            "subscriptions/listen", members: #""notifications":{"taskIds":["\#(first)","\#(second)","1"]}"#,
            meta: ModernRequest.meta(capabilities: Self.capabilities))
        let connection = try HTTPConnection(port: port)
        _ = try await connection.open("POST", "/mcp", headers: request.headers, body: Array(request.body.utf8))
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
