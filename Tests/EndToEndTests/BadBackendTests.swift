import Testing

extension EndToEnd {
    /// Backends that go wrong in one way each: their part is missing, `/status` says why, the rest is served.
    @Suite("Backends that go wrong")
    struct BadBackendTests {
        @Test("Programs: the good are served at once, the bad are reported", .timeLimit(.minutes(4)))
        func programs() async throws {
            var resources = Resources()
            try resources.addRaw("good")
            try resources.addRaw("chatty", "garbage-first")
            try resources.addRaw("half", "no-resources")
            try resources.addRaw("fat", "huge-list")
            let bad = [
                "exit-at-once", "garbage-only", "silent", "silent-list", "broken-json", "endless-pages", "flood",
            ]
            for mode in bad { try resources.addRaw(mode, mode) }
            resources.addProcess("nowhere", "/nonexistent/program", [])
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                #expect(try await client.call("good_echo", #"{"text":"x"}"#).toolText == "good: x")
                #expect(try await client.call("chatty_echo", #"{"text":"x"}"#).toolText == "chatty: x")
                #expect(try await client.call("half_echo", #"{"text":"x"}"#).toolText == "half: x")
                // A list method that fails takes away its own kind, not the backend.
                for name in bad + ["nowhere"] {
                    let status = try await gateway.awaitTrouble(name)
                    #expect(status["message"]?.string?.isEmpty == false, "\(name): \(status.text)")
                }
                let stopped = try await gateway.status(of: "exit-at-once")
                #expect(stopped["message"]?.string?.contains("3") == true, "\(stopped.text)")
                let nowhere = try await gateway.status(of: "nowhere")
                #expect(nowhere["message"]?.string?.contains("/nonexistent/program") == true, "\(nowhere.text)")
                let names = try await client.toolNames()
                for mode in bad + ["nowhere"] { #expect(!names.contains { $0.hasPrefix("\(mode)_") }, "\(mode)") }
                #expect(names.contains("good_echo") && names.contains("half_echo"))
                #expect(try await client.call("good_echo", #"{"text":"y"}"#).toolText == "good: y")
                #expect(try await gateway.get("/status").json["healthy"] == true)
            }
        }

        @Test("Servers: the good are served at once, the bad are reported", .timeLimit(.minutes(3)))
        func servers() async throws {
            let good = try await FixtureServer.raw("ok")
            let elsewhere = try await FixtureServer.raw("ok")
            let modes = ["error-500", "wrong-type", "redirect", "close-in-answer", "broken-json"]
            var servers: [FixtureServer] = []
            var resources = Resources()
            resources.addRemote("good", good.url)
            for mode in modes {
                let server = try await FixtureServer.raw(mode, elsewhere: elsewhere.url)
                servers.append(server)
                resources.addRemote(mode, server.url, extra: "headerForward: {addPlaintextHeaders: {X-Team: test}}")
            }
            resources.addRemote("refused", "http://127.0.0.1:1/mcp")
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                #expect(try await client.call("good_echo", #"{"text":"x"}"#).toolText == "raw: x")
                for name in modes + ["refused"] {
                    let status = try await gateway.awaitTrouble(name)
                    #expect(status["message"]?.string?.isEmpty == false, "\(name): \(status.text)")
                }
                // A redirect to another origin is not followed.
                #expect(try await elsewhere.counts()["POST"] == nil)
                let names = try await client.toolNames()
                #expect(names.allSatisfy { $0.hasPrefix("good_") }, "\(names)")
            }
        }

        @Test(
            "A call that is never answered ends with its time", .timeLimit(.minutes(1)), arguments: ["stdio", "http"])
        func timeout(transport: String) async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources(config: "operational: {timeouts: {default: 1s}}")
            if transport == "stdio" { try resources.addRaw("raw") } else { resources.addRemote("raw", server.url) }
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                let result = try await client.call("raw_silent")
                #expect(result["isError"] == true)
                #expect(result["_meta"]?["vmcp.dev/error"]?["category"] == "timeout", "\(result.text)")
                #expect(result["_meta"]?["vmcp.dev/error"]?["backend"] == "raw")
                #expect(try await client.call("raw_echo", #"{"text":"x"}"#).toolText == "raw: x")
            }
        }

        @Test("A server that closes in the middle of an answer fails that call only", .timeLimit(.minutes(1)))
        func cut() async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources()
            resources.addRemote("raw", server.url)
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                let result = try await client.call("raw_cut")
                #expect(result["isError"] == true, "\(result.text)")
                #expect(result["_meta"]?["vmcp.dev/error"]?["backend"] == "raw")
                #expect(try await client.call("raw_echo", #"{"text":"x"}"#).toolText == "raw: x")
                #expect(try await server.counts()["initialize"]?.number ?? 0 <= 3)
            }
        }
    }
}

extension RunningGateway {
    /// Waits until a backend's part is missing, wholly or in part.
    func awaitTrouble(_ backend: String) async throws -> JSON {
        var last: JSON = .null
        do {
            try await eventually("\(backend) is reported", within: .seconds(150)) {
                last = try await status(of: backend)
                return ["unhealthy", "degraded"].contains(last["health"]?.string)
            }
        } catch {
            throw TestFailure("\(error); last: \(last.text)")
        }
        return last
    }
}
