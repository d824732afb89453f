import Testing

extension EndToEnd {
    /// The official SDKs' clients against backends of every transport behind one endpoint.
    @Suite("Clients and backends")
    struct ClientTests {
        /// Five backends: three that the gateway runs, two that run by themselves.
        static func everything(_ remote: FixtureServer, _ older: FixtureServer) throws -> Resources {
            var resources = Resources(
                config: """
                    aggregation:
                      conflictResolution: prefix
                      conflictResolutionConfig: {prefixFormat: "{workload}_"}
                    """)
            try resources.addSDK(.second, "alpha")
            try resources.addSDK(.first, "beta")
            try resources.addSDK(.second, "gamma", transport: "streamable-http")
            resources.addRemote("delta", remote.url)
            resources.addRemote("epsilon", older.sseURL, transport: "sse")
            return resources
        }

        static let backends = ["alpha", "beta", "gamma", "delta", "epsilon"]

        @Test(
            "A client lists and calls all of them: tools, resources, prompts, completion, progress and log messages",
            .timeLimit(.minutes(3)), arguments: Places.SDK.allCases)
        func all(sdk: Places.SDK) async throws {
            let remote = try await FixtureServer.sdk(.second, name: "delta", transport: "streamable-http")
            let older = try await FixtureServer.sdk(.first, name: "epsilon", transport: "sse")
            try await RunningGateway.serve(try Self.everything(remote, older)) { gateway in
                var operations: [JSON] = [["tools"], ["resources"], ["templates"], ["prompts"]]
                operations += Self.backends.map { ["call", .string("\($0)_echo"), ["text": "hello"]] }
                operations += Self.backends.map { ["read", .string("\($0)://info")] }
                operations += Self.backends.map { ["prompt", .string("\($0)_greet"), ["who": "Ada"]] }
                let report = try await SDKClient.run(sdk, gateway.url, operations)
                let tools = report.results[0].names
                for backend in Self.backends { #expect(tools.contains("\(backend)_echo"), "\(tools)") }
                #expect(tools.contains("beta_subtract") && tools.contains("gamma_weather"))
                #expect(
                    Set(report.results[1].array.compactMap { $0["uri"]?.string })
                        == Set(Self.backends.map { "\($0)://info" }))
                #expect(report.results[2].array.contains { $0["uriTemplate"] == "gamma://note/{number}" })
                for (index, backend) in Self.backends.enumerated() {
                    #expect(report.results[4 + index].toolText == "\(backend): hello")
                    #expect(report.results[9 + index]["contents"]?[0]?["text"]?.string == "This is \(backend).")
                    let prompt = report.results[14 + index]["messages"]?[0]?["content"]?["text"]?.string
                    #expect(prompt == "Greet Ada on behalf of \(backend).")
                }
            }
        }

        @Test("What belongs to a call comes with it", .timeLimit(.minutes(3)), arguments: Places.SDK.allCases)
        func details(sdk: Places.SDK) async throws {
            var resources = Resources()
            try resources.addSDK(.second, "alpha")
            try await RunningGateway.serve(resources) { gateway in
                let report = try await SDKClient.run(
                    sdk, gateway.url,
                    [
                        ["call", "alpha_slow", ["steps": 3]],
                        ["call", "alpha_fail", ["reason": "no luck"]],
                        ["call", "alpha_weather", ["city": "Bonn"]],
                        ["call", "alpha_links", [:]],
                        ["read", "alpha://note/7"],
                        ["complete", "ref/prompt", "alpha_greet", "who", "al"],
                        ["complete", "ref/resource", "alpha://note/{number}", "number", "1"],
                        ["level", "info"],
                        ["call", "alpha_log", ["level": "warning", "text": "mind the gap"]],
                        ["call", "alpha_log", ["level": "debug", "text": "too fine"]],
                        ["ping"],
                        ["call", "alpha_nothing", [:]],
                    ])
                let results = report.results
                #expect(results[0].toolText == "3 steps done")
                #expect(report.progress.compactMap { $0[0]?.number } == [1, 2, 3])
                #expect(report.progress.first?[2] == "step 1")
                #expect(results[1]["isError"] == true)
                #expect(results[1].toolText?.contains("no luck") == true)
                #expect(results[2]["structuredContent"]?["degrees"]?.number == 21.5)
                #expect(results[3]["content"]?[0]?["uri"] == "alpha://info")
                #expect(results[3]["content"]?[1]?["resource"]?["uri"] == "alpha://note/7")
                #expect(results[4]["contents"]?[0]?["text"] == "Note 7 of alpha.")
                #expect(results[5]["completion"]?["values"] == ["alice", "albert"])
                #expect(results[6]["completion"]?["values"] == ["1", "10"])
                #expect(report.logs.map { $0["data"] } == ["mind the gap"])
                #expect(results[10]["error"] == nil)
                #expect(results[11]["error"]?["code"] == -32602)
            }
        }

        @Test(
            "A tool added at run time is announced and served", .timeLimit(.minutes(2)), arguments: Places.SDK.allCases,
            ["stdio", "streamable-http"])
        func listChanged(sdk: Places.SDK, transport: String) async throws {
            var resources = Resources()
            try resources.addSDK(.second, "alpha", transport: transport)
            try await RunningGateway.serve(resources) { gateway in
                let report = try await SDKClient.run(
                    sdk, gateway.url,
                    [
                        ["call", "alpha_grow", ["tool": "extra"]], ["await", "notifications/tools/list_changed"],
                        ["tools"],
                        ["call", "alpha_extra", ["text": "x"]],
                    ])
                #expect(report.notifications.contains("notifications/tools/list_changed"))
                #expect(report.results[2].names.contains("alpha_extra"))
                #expect(report.results[3].toolText == "alpha extra: x")
            }
        }

        @Test(
            "A result of 1 MB and one of 10 MB arrive whole", .timeLimit(.minutes(2)),
            arguments: ["stdio", "streamable-http"], [1_000_000, 10_000_000])
        func large(transport: String, size: Int) async throws {
            var resources = Resources()
            let server = try await FixtureServer.raw("ok")
            if transport == "stdio" { try resources.addRaw("raw") } else { resources.addRemote("raw", server.url) }
            try await RunningGateway.serve(resources) { gateway in
                let answer = try await gateway.client().answer(
                    "tools/call", "{\"name\":\"raw_huge\",\"arguments\":{\"size\":\(size)}}")
                #expect(answer.utf8.count > size)
                #expect(answer.hasSuffix("0123456789abcdef\"}]}}"), "\(answer.suffix(100))")
            }
        }

        @Test("Event streams with everything that the format allows are understood", .timeLimit(.minutes(1)))
        func oddStream() async throws {
            let server = try await FixtureServer.raw("odd-sse")
            var resources = Resources()
            resources.addRemote("raw", server.url)
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                #expect(try await client.toolNames().count == 8)
                #expect(try await client.call("raw_echo", "{\"text\":\"x\"}").toolText == "raw: x")
            }
        }

        @Test("Environment, secrets and the port reach the child", .timeLimit(.minutes(1)))
        func environment() async throws {
            var resources = Resources()
            resources.addPlain(
                "Secret", "keys", apiVersion: "v1", "stringData: {token: swordfish}")
            try resources.addSDK(
                .second, "alpha",
                extra: """
                    env: [{name: COLOUR, value: green}]
                    secrets: [{name: keys, key: token, targetEnvName: API_TOKEN}]
                    """)
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                #expect(try await client.call("alpha_environment", #"{"variable":"COLOUR"}"#).toolText == "green")
                #expect(
                    try await client.call("alpha_environment", #"{"variable":"API_TOKEN"}"#).toolText == "swordfish")
                #expect(!gateway.process.errors.lines.contains { $0.contains("swordfish") })
            }
        }
    }
}
