import Testing

extension EndToEnd {
    /// Real clients whose connections break (2025-11-25, Transports, Resumability and Redelivery).
    @Suite("Resuming")
    struct ResumeTests {
        private static let steps = 100
        private static let call: JSON = ["call", "alpha_slow", ["steps": 100]]

        /// Runs a client of that generation behind a proxy that cuts after each mark.
        ///
        /// - Returns: What it saw, and of each event that passed `METHOD AFTER ID`.
        private func run(
            _ sdk: Places.SDK, marks: [String], _ operations: [JSON]
        ) async throws -> (report: SDKClient.Report, events: [[String]]) {
            var resources = Resources()
            try resources.addSDK(.second, "alpha")
            return try await RunningGateway.serve(resources) { gateway in
                let proxy = try await FixtureServer.cutting(gateway.url, marks: marks)
                let report = try await SDKClient.run(sdk, proxy.url, operations)
                #expect(report.version == "2025-11-25")
                let events = proxy.process.output.lines.filter { $0.hasPrefix("event ") }
                return (report, events.map { $0.split(separator: " ").dropFirst().map(String.init) })
            }
        }

        /// The place of an event on its stream, which its id ends with or has before the request's.
        private func index(_ id: String) throws -> Int {
            let parts = id.split(separator: "-")
            return try #require(parts.count > 2 ? Int(parts[2]) : nil, "\(id)")
        }

        /// Checks that a resumed stream begins with the event after the one that the client named.
        ///
        /// - Returns: The ids that were named.
        private func resumed(_ events: [[String]]) throws -> [String] {
            var named: [String] = []
            for event in events where event[1] != "-" && !named.contains(event[1]) {
                named.append(event[1])
                let (first, last) = (try index(event[2]), try index(event[1]))
                #expect(first == last + 1, "\(event)")
            }
            return named
        }

        @Test(
            "A call whose connection breaks goes on: each progress comes once, in order, and the answer",
            .timeLimit(.minutes(1)), arguments: Places.SDK.allCases)
        func call(sdk: Places.SDK) async throws {
            let (report, events) = try await run(sdk, marks: ["step 3\""], [Self.call])
            #expect(report.results.first?.toolText == "100 steps done", "\(report.results)")
            // A second call of the backend would begin at 1 again.
            #expect(report.progress.map { $0.array.first?.number ?? 0 } == (1...Self.steps).map(Double.init))
            let named = try resumed(events)
            #expect(named.count == 1 && named.allSatisfy { $0.hasPrefix("p-") })
        }

        @Test(
            "A connection that breaks again: what comes is what follows the event that the client names, and all comes",
            .timeLimit(.minutes(1)), arguments: Places.SDK.allCases)
        func twice(sdk: Places.SDK) async throws {
            let (report, events) = try await run(sdk, marks: ["step 3\"", "step 60\""], [Self.call])
            #expect(report.results.first?.toolText == "100 steps done", "\(report.results)")
            // Both generations name the event before the first break again after the second, so they see some twice.
            #expect(
                Set(report.progress.compactMap { $0.array.first?.number }) == Set((1...Self.steps).map(Double.init)))
            #expect(try resumed(events).count == 1)
            #expect(events.count { $0[1] != "-" } > Self.steps - 3)
        }

        @Test(
            "A listening stream whose connection breaks: what happens meanwhile comes", .timeLimit(.minutes(1)),
            arguments: Places.SDK.allCases)
        func listening(sdk: Places.SDK) async throws {
            let changed = "notifications/tools/list_changed"
            func grow(_ tool: String) -> [JSON] {
                [["call", "alpha_grow", ["tool": .string(tool)]], ["await", .string(changed)]]
            }
            let (report, events) = try await run(sdk, marks: [changed], grow("one") + grow("two") + [["tools"]])
            #expect(report.results.allSatisfy { $0["error"] == nil }, "\(report.results)")
            #expect(report.notifications.count { $0 == changed } == 2)
            let names = report.results.last?.array.compactMap { $0["name"]?.string } ?? []
            #expect(names.contains("alpha_one") && names.contains("alpha_two"))
            let named = try resumed(events)
            #expect(named.count == 1 && named.allSatisfy { $0.hasPrefix("g-") })
        }

        @Test("An event id that nobody knows: the call's error, a new stream, or why not", .timeLimit(.minutes(1)))
        func unknown() async throws {
            var resources = Resources()
            try resources.addRaw("raw", tools: ["echo"])
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                func get(_ id: String) async throws -> HTTPResponse {
                    let connection = try HTTPConnection(port: gateway.port)
                    return try await connection.exchange(
                        "GET", "/mcp", headers: client.headers + [("Last-Event-ID", id)])
                }
                // The id of the request, 1, is part of the event's.
                let lost = try await get("p-4711-2-MQ")
                #expect(lost.status == 200 && lost.contentType == "text/event-stream")
                let error = try JSON(parsing: (RawClient.messages(in: lost.text).first ?? "").utf8)
                #expect(error["id"] == 1 && error["error"]?["code"] == -32603)
                #expect(error["error"]?["message"]?.string?.contains("not held any more") == true)
                let foreign = try await get("from-elsewhere")
                #expect(foreign.status == 400 && foreign.text.contains("from-elsewhere"))
                let stream = try HTTPConnection(port: gateway.port)
                let headers = client.headers + [("Last-Event-ID", "g-4711-2")]
                #expect(try await stream.open("GET", "/mcp", headers: headers).status == 200)
                let first = String(decoding: try await stream.chunk() ?? [], as: UTF8.self)
                #expect(first.hasPrefix("id: g-"))
            }
        }
    }
}
