import Testing

extension EndToEnd {
    /// One backend session per client session and backend, kept open.
    @Suite("Sessions")
    struct SessionTests {
        @Test("State lives across the calls of one client and is not shared with another", .timeLimit(.minutes(1)))
        func state() async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources()
            resources.addRemote("raw", server.url)
            try await RunningGateway.serve(resources) { gateway in
                let first = try await gateway.client()
                let second = try await gateway.client()
                #expect(try await first.call("raw_count").toolText == "1")
                #expect(try await first.call("raw_count").toolText == "2")
                #expect(try await second.call("raw_count").toolText == "1")
                #expect(try await first.call("raw_count").toolText == "3")
                let before = try await server.counts()["initialize"]
                for _ in 0..<10 { _ = try await first.call("raw_count") }
                #expect(try await server.counts()["initialize"] == before, "an initialize for each call")
                #expect(try await first.delete().status == 200)
                try await eventually("the backend session is ended") { try await server.counts()["DELETE"] == 1 }
                #expect(try await second.call("raw_count").toolText == "2")
            }
        }

        @Test("A session that the backend forgot is opened again, once", .timeLimit(.minutes(1)))
        func forgotten() async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources()
            resources.addRemote("raw", server.url)
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                #expect(try await client.call("raw_count").toolText == "1")
                let before = try await server.counts()["initialize"]?.number ?? 0
                try await server.forgetSessions()
                #expect(try await client.call("raw_count").toolText == "1")
                #expect(try await client.call("raw_count").toolText == "2")
                let after = try await server.counts()["initialize"]?.number ?? 0
                // The client's own session, and at most the one that the gateway lists over.
                #expect((1...2).contains(after - before), "\(after - before) times")
            }
        }

        @Test(
            "Isolation decides whether clients share a child process", .timeLimit(.minutes(1)),
            arguments: [("shared", "{}", true), ("private", "{}", false), ("auto", "{}", true)]
                + [("auto", "{\"elicitation\":{}}", false)])
        func isolation(setting: String, capabilities: String, isShared: Bool) async throws {
            var resources = Resources()
            try resources.addRaw("raw", extra: "sessionIsolation: \(setting)")
            try await RunningGateway.serve(resources) { gateway in
                let first = try await gateway.client(capabilities: capabilities)
                let second = try await gateway.client(capabilities: capabilities)
                #expect(try await first.call("raw_count").toolText == "1")
                #expect(try await first.call("raw_count").toolText == "2")
                #expect(try await second.call("raw_count").toolText == (isShared ? "3" : "1"))
            }
        }

        @Test("Two clients with equal ids and tokens do not mix", .timeLimit(.minutes(1)))
        func equalIDs() async throws {
            var resources = Resources()
            try resources.addSDK(.second, "alpha")
            try await RunningGateway.serve(resources) { gateway in
                let first = try await gateway.client()
                let second = try await gateway.client()
                func post(_ client: RawClient, _ steps: Int) async throws -> HTTPResponse {
                    try await client.post(
                        """
                        {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"alpha_slow",\
                        "arguments":{"steps":\(steps)},"_meta":{"progressToken":"t"}}}
                        """)
                }
                async let one = post(first, 3)
                async let two = post(second, 5)
                for (answer, steps) in [(try await one, 3), (try await two, 5)] {
                    let messages = RawClient.messages(in: answer.text)
                    #expect(messages.count == steps + 1, "\(answer.text)")
                    #expect(messages.dropLast().allSatisfy { $0.contains("\"progressToken\":\"t\"") }, "\(answer.text)")
                    #expect(try JSON(parsing: (messages.last ?? "").utf8)["result"]?.toolText == "\(steps) steps done")
                }
            }
        }

        @Test("A session that was ended, or is unused for too long, answers 404", .timeLimit(.minutes(1)))
        func ended() async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources()
            resources.addRemote("raw", server.url)
            try await RunningGateway.serve(resources, arguments: ["--session-ttl", "1s"]) { gateway in
                let client = try await gateway.client()
                #expect(try await client.delete().status == 200)
                #expect(try await client.post(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).status == 404)
                #expect(try await client.delete().status == 404)
                let idle = try await gateway.client()
                #expect(try await idle.call("raw_count").toolText == "1")
                try await eventually("its backend session is ended") {
                    try await server.counts()["DELETE"]?.number ?? 0 >= 1
                }
                #expect(try await idle.post(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).status == 404)
            }
        }

        @Test("A stream of a session ends with the session", .timeLimit(.minutes(1)))
        func stream() async throws {
            var resources = Resources()
            try resources.addRaw("raw")
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                let stream = try HTTPConnection(port: gateway.port)
                #expect(try await stream.open("GET", "/mcp", headers: client.headers).status == 200)
                #expect(try await client.delete().status == 200)
                while try await stream.chunk() != nil {}
            }
        }
    }
}
