import Testing

extension EndToEnd {
    /// Real servers with the tasks of 2025-11-25, asked by clients with sessions.
    @Suite("Tasks of 2025-11-25")
    struct SessionTaskTests {
        @Test("Two servers with equal ids, asked by plain HTTP", .timeLimit(.minutes(2)))
        func plain() async throws {
            try await TaskTests.serve("session") { port, one, _ in
                try await Self.useAll(port: port, one)
            }
        }

        /// Makes tasks, asks for them and for their results, lists them and cancels one.
        /// - Parameter port: The gateway's, or that of a proxy before it.
        static func useAll(port: Int, _ one: FixtureServer) async throws {
            let client = try RawClient(port: port)
            let tasks = try await client.initialize()["capabilities"]?["tasks"]
            #expect(tasks == ["list": [:], "cancel": [:], "requests": ["tools": ["call": [:]]]])
            let all = ["one_only", "one_plain", "one_work", "two_only", "two_plain", "two_work"]
            #expect(try await client.toolNames() == all)
            // A client that cannot ask for tasks has no use for a tool that is nothing else.
            let older = try RawClient(port: port)
            try await older.initialize(revision: "2025-06-18")
            #expect(try await older.toolNames() == all.filter { !$0.hasSuffix("only") })
            #expect(try await older.request("tools/call", #"{"name":"one_work","task":{}}"#).toolText == "at once")
            #expect(try await client.call("one_work").toolText == "at once")

            func make(_ tool: String) async throws -> String {
                let result = try await client.request("tools/call", #"{"name":"\#(tool)","task":{"ttl":60000}}"#)
                return try #require(result["task"]?["taskId"]?.string)
            }
            func task(_ method: String, _ id: String) async throws -> JSON {
                try await client.request(method, #"{"taskId":"\#(id)"}"#)
            }
            let ids = [try await make("one_work"), try await make("two_only")]
            #expect(ids[0] != ids[1])
            // It is answered when the task has ended, however much later that is.
            let other = try RawClient(port: port)
            try await other.initialize()
            async let result = other.request("tasks/result", #"{"taskId":"\#(ids[0])"}"#)
            try await eventually("the backend is asked for the result") {
                try await HTTPConnection(port: one.port).exchange("GET", "/seen").json.array.contains {
                    $0[0]?.string == "tasks/result"
                }
            }
            #expect(try await task("tasks/get", ids[0])["status"]?.string == "working")
            try await one.advance("1", "completed", text: "of one")
            let ended = try await result
            #expect(ended.toolText == "of one")
            #expect(ended["_meta"]?["io.modelcontextprotocol/related-task"]?["taskId"]?.string == ids[0])
            #expect(try await task("tasks/cancel", ids[1])["status"]?.string == "cancelled")
            #expect(try await client.answer("tasks/cancel", #"{"taskId":"\#(ids[1])"}"#).contains("-32602"))
            let listed = try await client.request("tasks/list")["tasks"]?.array ?? []
            #expect(listed.map { $0["taskId"]?.string } == ids)
            #expect(listed.map { $0["status"]?.string } == ["completed", "cancelled"])
            #expect(try await other.request("tasks/list")["tasks"] == [])
            #expect(try await client.answer("tasks/get", #"{"taskId":"1"}"#).contains("-32602"))
        }

        @Test(
            "The official SDK's client works with its server, which asks the user within a task",
            .timeLimit(.minutes(2)))
        func official() async throws { try await Self.official() }

        /// - Parameter record: A file for all messages that the gateway emits.
        static func official(record: String? = nil) async throws {
            let server = try await FixtureServer.sdkTasks(name: "far", record: record)
            let plain = try await FixtureServer.tasks("session")
            var resources = Resources()
            resources.addRemote("far", server.url)
            resources.addRemote("near", plain.url)
            try await RunningGateway.serve(resources) { gateway in
                for name in ["far", "near"] { _ = try await gateway.await(name, health: "healthy") }
                guard let record else { return try await useSDK(gateway.url) }
                try await FixtureServer.recording(gateway.url, in: record) { try await useSDK($0.url) }
            }
        }

        private static func useSDK(_ url: String) async throws {
            let (status, output, errors) = try await ChildProcess.run(
                try Places.python(.first),
                [Places.client("task1_client.py"), url, "far_greet", "far_wait"])
            guard status == 0, let line = output.split(separator: "\n").last else {
                throw TestFailure("the client failed (\(status)):\n\(errors.suffix(6000))")
            }
            let seen = try JSON(parsing: line.utf8)
            #expect(seen["offered"] == ["list": [:], "cancel": [:], "requests": ["tools": ["call": [:]]]])
            #expect(seen["support"] == "required")
            #expect(seen["text"] == "far: hello Ada")
            #expect(seen["statuses"] == ["completed", "working", "cancelled"])
            #expect(seen["related"] == true && seen["same"] == [true, true, true])
            #expect(seen["listed"] == true)
            #expect(seen["again"] == -32602)
        }
    }
}
