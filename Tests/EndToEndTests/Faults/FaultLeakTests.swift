import Testing

extension EndToEnd {
    /// What is left of faults once they are over: nothing. `make soak` does it ten thousand times and for an hour.
    @Suite("Faults and what they leave behind")
    struct FaultLeakTests {
        private static let faults = ["500", "429", "cut", "redirect", "text"]

        @Test(
            "1,000 faults leave no descriptor, process or memory behind, and every backend is as before",
            .timeLimit(.minutes(4)))
        func faults() async throws {
            let server = try await FixtureServer.faults()
            var resources = Resources(
                config: """
                    operational:
                      retries: {default: 0}
                      failureHandling: {unhealthyThreshold: 1000000}
                    """)
            for fault in Self.faults { resources.addRemote("f\(fault)", server.url(of: fault)) }
            try resources.addRaw("process")
            try await RunningGateway.serve(resources) { gateway in
                for fault in Self.faults { try await server.set(fault, fault) }
                try await Self.fail(gateway, 200)
                let before = try await Self.settled(gateway)
                try await Self.fail(gateway, 1_000)
                let after = try await Self.settled(gateway)
                #expect(abs(after.descriptors - before.descriptors) <= 6, "\(before) → \(after)")
                #expect(after.children == before.children, "\(before) → \(after)")
                #expect(after.kibibytes - before.kibibytes < 10 * 1024, "\(before) → \(after)")
                for fault in Self.faults { try await server.set(fault, "") }
                let client = try await gateway.client()
                for name in Self.faults.map({ "f\($0)" }) + ["process"] {
                    try await eventually("\(name) answers") {
                        try await client.call("\(name)_echo", #"{"text":"x"}"#)["isError"] != true
                    }
                }
            }
        }

        /// Makes so many calls that fail, by four clients at a time, and has the process exit a few times.
        private static func fail(_ gateway: RunningGateway, _ count: Int) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        let client = try await gateway.client()
                        for call in 0..<count / 4 {
                            let fault = faults[(call + number) % faults.count]
                            let result = try await client.call("f\(fault)_echo", #"{"text":"x"}"#)
                            guard result["_meta"]?["vmcp.dev/error"]?["category"] != nil else {
                                throw TestFailure("\(fault) was no fault: \(result.text)")
                            }
                        }
                        _ = try await client.delete()
                    }
                }
                try await group.waitForAll()
            }
            let client = try await gateway.client()
            _ = try await client.call("process_exit")
            try await eventually("the process is back") {
                try await client.call("process_echo", #"{"text":"x"}"#)["isError"] != true
            }
            _ = try await client.delete()
        }

        private static func settled(_ gateway: RunningGateway) async throws -> LeakTests.Holdings {
            var last = try LeakTests.Holdings(gateway)
            try await eventually("what is held settles") {
                let now = try LeakTests.Holdings(gateway)
                defer { last = now }
                return now.descriptors == last.descriptors && now.children == last.children
            }
            return last
        }
    }
}
