import Testing

extension EndToEnd {
    /// What servers of 2026-07-28 need of clients before they serve a call, through the gateway, with real processes.
    @Suite("Input that servers of 2026-07-28 need")
    struct ModernInteractionTests {
        /// A server whose tools ask.
        enum Server: String, Sendable, CaseIterable {
            case rawPipe = "raw, stdio"
            case rawHTTP = "raw, HTTP"
            case sdkPipe = "SDK 2.x, stdio"
            case sdkHTTP = "SDK 2.x, HTTP"
        }

        /// Serves it beside another.
        private func serve<Result>(
            _ server: Server, config: String = "",
            _ body: (RunningGateway, FixtureServer?) async throws -> Result
        ) async throws -> Result {
            var resources = Resources(config: config)
            var remote: FixtureServer?
            switch server {
            case .rawPipe:
                resources.addProcess(
                    "asking", try Places.program("python3"), [Places.server("raw_modern.py"), "stdio"])
            case .rawHTTP:
                let started = try await FixtureServer.modern()
                resources.addRemote("asking", started.url)
                remote = started
            case .sdkPipe, .sdkHTTP:
                let transport = server == .sdkPipe ? "stdio" : "streamable-http"
                resources.addProcess(
                    "asking", try Places.python(.second),
                    [Places.server("asking_server.py"), "--name", "asking", "--transport", transport]
                        + (server == .sdkPipe ? [] : ["--keep"]), transport: transport)
            }
            try resources.addRaw("plain", tools: ["echo"])
            return try await RunningGateway.serve(resources) { gateway in
                let status = try await gateway.await("asking", health: "healthy")
                #expect(status["mcp_revision"] == "2026-07-28")
                return try await body(gateway, remote)
            }
        }

        @Test(
            "Every kind of question reaches a client of either generation and mode", .timeLimit(.minutes(2)),
            arguments: Server.allCases)
        func questions(server: Server) async throws {
            try await serve(server) { gateway, remote in
                for (sdk, mode, revision) in AskingClient.kinds {
                    let report = try await AskingClient.run(
                        sdk, gateway.url, mode: mode, AskingClient.tools.map { "asking_\($0)" })
                    #expect(report.version == revision)
                    #expect(report.isWhole, "\(sdk) \(mode): \(report)")
                }
                let counts = try await remote?.counts()
                #expect(counts?["states refused"] == nil && counts?["refused"] == nil && counts?["mismatch"] == nil)
            }
        }

        @Test("A server is told exactly what the client of the call declares", .timeLimit(.minutes(1)))
        func declared() async throws {
            try await serve(.rawHTTP) { gateway, _ in
                let declarations = [
                    (#"{"elicitation":{}}"#, #"{"elicitation":{"form":{}}}"#),
                    (#"{"elicitation":{"url":{}},"sampling":{"tools":{}}}"#, nil), ("{}", nil),
                ]
                for (declared, told) in declarations {
                    let client = try await gateway.client(capabilities: declared)
                    #expect(try await client.call("asking_declared").toolText == told ?? declared)
                    let call = ModernRequest.call("asking_declared", meta: ModernRequest.meta(capabilities: declared))
                    let answer = try await call.send(to: gateway.port)
                    #expect(try answer.json["result"]?.toolText == told ?? declared, "\(answer.text)")
                }
                // What nobody declared the server does not ask, and says so in its own words.
                let refused = try await ModernRequest.call("asking_sample_tools").send(to: gateway.port)
                #expect(refused.status == 400)
                #expect(
                    try refused.json["error"]?["data"] == ["requiredCapabilities": ["sampling": ["tools": [:]]]],
                    "\(refused.text)")
            }
        }

        // MARK: - What travels through the client

        private static let meta = ModernRequest.meta(capabilities: #"{"elicitation":{"form":{}},"sampling":{}}"#)
        private static let accepted = #"{"one":{"action":"accept","content":{"name":"One"}}}"#

        /// Begins the call that has several rounds.
        private func begin(_ gateway: RunningGateway) async throws -> String {
            let asked = try await ModernRequest.call("asking_rounds", meta: Self.meta).send(to: gateway.port)
            guard let state = try asked.json["result"]?["requestState"]?.string else {
                throw TestFailure("nothing asked: \(asked.text)")
            }
            return state
        }

        private func retry(
            _ gateway: RunningGateway, _ state: String, tool: String = "rounds", arguments: String = "{}",
            _ responses: String = accepted
        ) async throws -> HTTPResponse {
            let members =
                #""name":"asking_\#(tool)","arguments":\#(arguments),"requestState":\#(JSON.string(state).text),"#
                + #""inputResponses":\#(responses)"#
            return try await ModernRequest(
                "tools/call", id: "8", members: members, name: "asking_\(tool)", meta: Self.meta
            ).send(to: gateway.port)
        }

        private func expect(_ answer: HTTPResponse, _ text: String) throws {
            #expect(answer.status == 400, "\(answer.text)")
            let error = try answer.json["error"]
            #expect(error?["code"] == -32602 && error?["message"]?.string?.contains(text) == true, "\(answer.text)")
            #expect(try answer.json["id"] == 8)
        }

        @Test(
            "A changed state, one of another request and a used one are refused; the call goes on with its own",
            .timeLimit(.minutes(1)), arguments: [Server.rawPipe, .rawHTTP])
        func states(server: Server) async throws {
            try await serve(server) { gateway, remote in
                let state = try await begin(gateway)
                // Nothing of the server's own state is to be read.
                #expect(state.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
                let unknown = "is none that this gateway issued, or was changed"
                for position in [0, state.count / 2, state.count - 2] {
                    var changed = Array(state)
                    changed[position] = changed[position] == "A" ? "B" : "A"
                    try expect(try await retry(gateway, String(changed)), unknown)
                }
                for other in [String(state.dropLast(2)), state + "AA", "", "é"] {
                    try expect(try await retry(gateway, other), unknown)
                }
                try expect(try await retry(gateway, state, tool: "form"), "was issued for other params")
                try expect(try await retry(gateway, state, arguments: #"{"x":1}"#), "was issued for other params")
                #expect(try await remote?.counts()["states refused"] == nil)
                let second = try await retry(gateway, state).json["result"]
                #expect(second?["inputRequests"]?["joke"]?["method"] == "sampling/createMessage")
                // The server takes its own state once, and what it says of the second time is the answer.
                try expect(try await retry(gateway, state), "requestState is none of mine, or was used")
                let joke = #"{"joke":{"role":"assistant","model":"m","content":{"type":"text","text":"ha"}}}"#
                let third = try await retry(gateway, try #require(second?["requestState"]?.string), joke).json["result"]
                #expect(third?["inputRequests"]?["two"]?["params"]?["message"] == "The name of two?")
                let last = try await retry(
                    gateway, try #require(third?["requestState"]?.string),
                    #"{"two":{"action":"accept","content":{"name":"Two"}}}"#)
                #expect(try last.json["result"]?.toolText == "One m: ha Two", "\(last.text)")
                if let remote { #expect(try await remote.counts()["states refused"] == 1) }
            }
        }

        @Test(
            "A state is good in another instance with the same key, and in none with another", .timeLimit(.minutes(1)))
        func instances() async throws {
            let keys = ["A", "B"].map { String(repeating: $0, count: 42) + "A=" }
            let server = try await FixtureServer.modern()
            var resources = Resources()
            resources.addRemote("asking", server.url)
            func serve(_ key: String, _ body: (RunningGateway) async throws -> Void) async throws {
                try await RunningGateway.serve(resources, environment: ["VMCP_STATE_KEY": key]) { gateway in
                    _ = try await gateway.await("asking", health: "healthy")
                    try await body(gateway)
                }
            }
            try await serve(keys[0]) { first in
                let state = try await begin(first)
                try await serve(keys[1]) { try expect(try await retry($0, state), "is none that this gateway issued") }
                try await serve(keys[0]) { second in
                    let answer = try await retry(second, state)
                    #expect(try answer.json["result"]?["inputRequests"]?["joke"] != nil, "\(answer.text)")
                }
            }
        }

        @Test("A state that nobody came back with in time is refused, and says what to do", .timeLimit(.minutes(1)))
        func expired() async throws {
            try await serve(.rawPipe, config: "operational: {limits: {secondsPerRound: 1}}") { gateway, _ in
                let state = try await begin(gateway)
                try await eventually("the state expires") {
                    try await retry(gateway, state).text.contains("has expired: send the request again without it")
                }
                try expect(try await retry(gateway, state), "has expired")
            }
        }
    }
}
