import Testing

extension EndToEnd {
    /// Real servers that run tasks, two behind one gateway and with equal ids, asked by plain HTTP.
    @Suite("Tasks")
    struct TaskTests {
        /// Serves two servers while `body` runs.
        /// - Parameters:
        ///   - record: A file for all messages that the gateway emits.
        ///   - body: Gets the port to speak to, and the servers `one` and `two`.
        static func serve(
            _ kind: String, record: String? = nil,
            _ body: (Int, FixtureServer, FixtureServer) async throws -> Void
        ) async throws {
            let one = try await FixtureServer.tasks(kind, record: record)
            let two = try await FixtureServer.tasks(kind, record: record)
            var resources = Resources()
            resources.addRemote("one", one.url)
            resources.addRemote("two", two.url)
            try await RunningGateway.serve(resources) { gateway in
                for name in ["one", "two"] { _ = try await gateway.await(name, health: "healthy") }
                guard let record else { return try await body(gateway.port, one, two) }
                try await FixtureServer.recording(gateway.url, in: record) { try await body($0.port, one, two) }
            }
        }

        @Test("2026-07-28: a call becomes a task, which is asked for, answered and cancelled", .timeLimit(.minutes(2)))
        func decided() async throws {
            try await Self.serve("modern") { port, one, two in
                try await TaskClient(port: port).useAll(one, two)
            }
        }

        @Test("2026-07-28: changes of the tasks that a listen names arrive on it", .timeLimit(.minutes(2)))
        func listened() async throws {
            try await Self.serve("modern") { port, one, two in
                try await TaskClient(port: port).listen(one, two)
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
                _ environment: [String: String], _ body: (TaskClient) async throws -> Value
            ) async throws -> Value {
                try await RunningGateway.serve(resources, environment: environment) { gateway in
                    _ = try await gateway.await("one", health: "healthy")
                    return try await body(TaskClient(port: gateway.port))
                }
            }
            let id = try await run(key) { try await $0.make("one_work") }
            #expect(try await run(key) { try await $0.task("tasks/get", id) }?["status"]?.string == "working")
            #expect(try await run([:]) { try await $0.task("tasks/get", id) } == nil)
        }
    }
}
