import Testing

extension EndToEnd {
    /// Real servers that ask real clients, through the gateway, across revisions.
    @Suite("Questions of servers to clients")
    struct InteractionTests {
        /// A server whose tools ask, and another beside it.
        private static func resources(_ sdk: Places.SDK, transport: String) throws -> Resources {
            var resources = Resources()
            let script = Places.server(sdk == .first ? "asking1_server.py" : "asking_server.py")
            let keep = transport == "stdio" ? [] : ["--keep"]
            resources.addProcess(
                "asking", try Places.python(sdk), [script, "--name", "asking", "--transport", transport] + keep,
                transport: transport)
            try resources.addRaw("plain", tools: ["echo"])
            return resources
        }

        @Test(
            "Every kind of question of a server with sessions reaches a client of either generation and mode",
            .timeLimit(.minutes(2)), arguments: ["stdio", "streamable-http"])
        func olderServer(transport: String) async throws {
            try await RunningGateway.serve(try Self.resources(.first, transport: transport)) { gateway in
                let tools = AskingClient.tools.map { "asking_\($0)" }
                for (sdk, mode, version) in AskingClient.kinds {
                    let report = try await AskingClient.run(sdk, gateway.url, mode: mode, tools)
                    #expect(report.version == version)
                    #expect(report.isWhole, "\(sdk) \(mode): \(report)")
                }
            }
        }

        @Test(
            "A URL that a server needs opened first: the client is asked, and the call goes on", .timeLimit(.minutes(1))
        )
        func neededURL() async throws {
            try await RunningGateway.serve(try Self.resources(.first, transport: "stdio")) { gateway in
                let report = try await AskingClient.run(.second, gateway.url, mode: "2026-07-28", ["asking_needs_url"])
                #expect(report.results == ["been there"] && report.asked == ["url https://example.com/in"])
            }
        }

        @Test("What a client cannot be asked is an error that names the capability", .timeLimit(.minutes(1)))
        func undeclared() async throws {
            try await RunningGateway.serve(try Self.resources(.first, transport: "streamable-http")) { gateway in
                let report = try await AskingClient.run(
                    .second, gateway.url, mode: "2026-07-28", capabilities: "elicitation",
                    ["asking_sample", "asking_roots", "asking_form"])
                #expect(report.results[0]["error"] == -32021 && report.results[1]["error"] == -32021)
                #expect(report.results[0]["message"]?.string?.contains("sampling") == true)
                #expect(report.results[2] == "Use" && report.asked.count == 1)
            }
        }

        @Test(
            "A composite tool hands on what the servers of its steps ask, for servers and clients of either generation",
            .timeLimit(.minutes(2)),
            arguments: [(Places.SDK.first, "stdio"), (.first, "streamable-http"), (.second, "stdio")])
        func throughSteps(server: Places.SDK, transport: String) async throws {
            var resources = try Self.resources(server, transport: transport)
            resources.config = """
                compositeTools:
                - name: all
                  description: Everything that can be asked
                  steps:
                  - {id: form, tool: asking_form}
                  - {id: rounds, tool: asking_rounds, dependsOn: [form]}
                  - {id: roots, tool: asking_roots, dependsOn: [rounds]}
                  output:
                    properties:
                      said:
                        type: string
                        description: All of it
                        value: "{{range .steps}}{{.content.text}};{{end}}"
                """
            try await RunningGateway.serve(resources) { gateway in
                _ = try await gateway.await("asking", health: "healthy")
                for (sdk, mode) in [(Places.SDK.second, "2026-07-28"), (.second, "legacy"), (.first, "")] {
                    let report = try await AskingClient.run(sdk, gateway.url, mode: mode, ["all"])
                    #expect(
                        report.results == [#"{"said":"Use;file:///a,file:///b;One m: ha Two;"}"#], "\(sdk) \(mode)")
                    #expect(
                        report.asked == [
                            "form The name of the user?", "form The name of one?", "sample 0", "form The name of two?",
                            "roots",
                        ], "\(sdk) \(mode)")
                }
            }
        }

        // Over HTTP the server asks for roots on the stream of the session, which belongs to no call.
        @Test(
            "Clients that are asked at the same time do not hear each other's questions", .timeLimit(.minutes(2)),
            arguments: ["stdio", "streamable-http"])
        func concurrently(transport: String) async throws {
            try await RunningGateway.serve(try Self.resources(.first, transport: transport)) { gateway in
                try await withThrowingTaskGroup(of: AskingClient.Report.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            try await AskingClient.run(
                                .second, gateway.url, mode: "2026-07-28", ["asking_rounds", "asking_roots"])
                        }
                    }
                    for try await report in group {
                        #expect(report.results == ["One m: ha Two", "file:///a,file:///b"])
                        #expect(report.asked.count == 4)
                    }
                }
            }
        }

        @Test(
            "A configured key that is none stops the start with a text that does not show it", .timeLimit(.minutes(1)))
        func key() async throws {
            let resources = try Self.resources(.first, transport: "stdio")
            let error = await #expect(throws: TestFailure.self) {
                try await RunningGateway.serve(resources, environment: ["VMCP_STATE_KEY": "c2VjcmV0"]) { _ in }
            }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("VMCP_STATE_KEY: expected 32 bytes in base64, found 6"))
            #expect(!text.contains("c2VjcmV0"))
        }
    }
}
