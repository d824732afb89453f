import Testing

extension EndToEnd {
    /// What sessions cost once they are over: nothing.
    @Suite("Leaks")
    struct LeakTests {
        /// What a running gateway holds.
        struct Holdings: Sendable {
            let descriptors: Int
            let kibibytes: Int
            let children: Int

            init(_ gateway: RunningGateway) throws {
                let process = gateway.process.identifier
                descriptors = try ProcessTable.descriptorCount(of: process)
                kibibytes = try ProcessTable.residentMemory(of: process)
                children = try ProcessTable.descendants(of: process).count
            }
        }

        @Test("1,000 sessions leave no descriptor, process or memory behind", .timeLimit(.minutes(4)))
        func sessions() async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources()
            try resources.addRaw("child")
            resources.addRemote("remote", server.url)
            try await RunningGateway.serve(resources) { gateway in
                for number in 0..<200 { try await Self.use(gateway, number) }
                let before = try await Self.settled(gateway, server)
                for number in 0..<1000 { try await Self.use(gateway, number) }
                let after = try await Self.settled(gateway, server)
                #expect(abs(after.descriptors - before.descriptors) <= 4, "\(before) → \(after)")
                #expect(after.children == before.children, "\(before) → \(after)")
                #expect(after.kibibytes - before.kibibytes < 10 * 1024, "\(before) → \(after)")
            }
        }

        /// Opens a session, lists, calls and ends it, over a connection of its own.
        static func use(_ gateway: RunningGateway, _ number: Int) async throws {
            let client = try await gateway.client()
            let list = try await client.answer("tools/list")
            #expect(list.contains("remote_count"))
            let backend = number.isMultiple(of: 2) ? "child" : "remote"
            let result = try await client.call("\(backend)_echo", "{\"text\":\"\(number)\"}")
            #expect(result.toolText?.hasSuffix(": \(number)") == true, "\(result.text)")
            #expect(try await client.delete().status == 200)
        }

        /// What is held once the backend sessions are ended and the connections closed.
        static func settled(_ gateway: RunningGateway, _ server: FixtureServer) async throws -> Holdings {
            try await eventually("the backend sessions are ended") {
                (try await server.counts()["sessions"]?.number ?? 99) <= 2
            }
            var last = try Holdings(gateway)
            try await eventually("the number of descriptors settles") {
                let now = try Holdings(gateway)
                defer { last = now }
                return now.descriptors == last.descriptors
            }
            return last
        }
    }
}
