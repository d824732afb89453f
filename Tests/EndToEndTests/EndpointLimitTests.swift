import Testing

extension EndToEnd {
    /// `operational.limits` as a client meets them: what is within the limit passes, one more does not.
    @Suite("Limits")
    struct EndpointLimitTests {
        private func serve(_ limits: String, _ body: (RunningGateway) async throws -> Void) async throws {
            var resources = Resources(config: "operational: {limits: {\(limits)}}")
            resources.addProcess(
                "asking", try Places.python(.first),
                [Places.server("asking1_server.py"), "--name", "asking", "--transport", "stdio"])
            try await RunningGateway.serve(resources, body)
        }

        @Test("One byte more than a request's body may have is refused", .timeLimit(.minutes(1)))
        func body() async throws {
            try await serve("requestBytes: 2048") { gateway in
                let client = try await gateway.client()
                let ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"
                let whole = ping + String(repeating: " ", count: 2048 - ping.utf8.count)
                #expect(try await client.post(whole).status == 200)
                let connection = try HTTPConnection(port: gateway.port)
                let refused = try await connection.exchange(
                    "POST", "/mcp", headers: client.headers, body: Array((whole + " ").utf8))
                #expect(refused.status == 413)
                #expect(refused.text.contains("at most 2048 bytes (operational.limits.requestBytes)"))
            }
        }

        @Test("One listening stream more than a caller may have is refused until another ends", .timeLimit(.minutes(1)))
        func streams() async throws {
            try await serve("streamsPerPrincipal: 2") { gateway in
                var clients: [RawClient] = []
                for _ in 0..<3 { clients.append(try await gateway.client()) }
                func open(_ client: RawClient) async throws -> (HTTPConnection, Int) {
                    let connection = try HTTPConnection(port: gateway.port)
                    return (connection, try await connection.open("GET", "/mcp", headers: client.headers).status)
                }
                let held = [try await open(clients[0]), try await open(clients[1])]
                #expect(held.allSatisfy { $0.1 == 200 })
                let connection = try HTTPConnection(port: gateway.port)
                let refused = try await connection.exchange("GET", "/mcp", headers: clients[2].headers)
                #expect(refused.status == 429)
                #expect(refused.text.contains("may have 2 GET streams"))
                #expect(refused.text.contains("operational.limits.streamsPerPrincipal"))
                #expect(try await clients[0].delete().status == 200)
                while try await held[0].0.chunk() != nil {}
                let next = try await open(clients[2])
                #expect(next.1 == 200)
            }
        }

        @Test("One call more than a caller may have waiting for answers is refused", .timeLimit(.minutes(1)))
        func parked() async throws {
            try await serve("parkedCallsPerPrincipal: 1") { gateway in
                let meta = ModernRequest.meta(capabilities: "{\"elicitation\":{\"form\":{}}}")
                let call = ModernRequest.call("asking_form", meta: meta)
                let asked = try await call.send(to: gateway.port)
                #expect(asked.text.contains("\"resultType\":\"input_required\""), "\(asked.text)")
                let refused = try await call.send(to: gateway.port)
                #expect(
                    refused.text.contains(
                        "the caller has 1 calls that wait for answers, the most it may "
                            + "(operational.limits.parkedCallsPerPrincipal)"), "\(refused.text)")
                #expect(refused.text.contains("limit_exceeded") && !refused.text.contains("requestState"))
            }
        }

        @Test("A backend that asks in more rounds than a call may have ends it", .timeLimit(.minutes(1)))
        func rounds() async throws {
            try await serve("roundsPerCall: 1") { gateway in
                let meta = ModernRequest.meta(capabilities: "{\"elicitation\":{\"form\":{}},\"sampling\":{}}")
                let asked = try await ModernRequest.call("asking_rounds", meta: meta).send(to: gateway.port)
                let result = try #require(try asked.json["result"], "\(asked.text)")
                guard case .object(let requests) = result["inputRequests"] ?? .null, let key = requests.keys.first
                else {
                    throw TestFailure("nothing asked: \(asked.text)")
                }
                let state = try #require(result["requestState"]?.string)
                let members = """
                    "name":"asking_rounds","arguments":{},"requestState":"\(state)",\
                    "inputResponses":{"\(key)":{"action":"accept","content":{"name":"One"}}}
                    """
                let retry = ModernRequest(
                    "tools/call", id: "8", members: members, name: "asking_rounds", meta: meta)
                let refused = try await retry.send(to: gateway.port)
                #expect(
                    refused.text.contains(
                        "asked more than 1 rounds of questions in one call (operational.limits.roundsPerCall)"),
                    "\(refused.text)")
            }
        }

        @Test("JSON that is nested deeper than it may be is refused", .timeLimit(.minutes(1)))
        func nesting() async throws {
            try await serve("jsonDepth: 20") { gateway in
                let client = try await gateway.client()
                func ping(_ levels: Int) -> String {
                    let nested = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
                    return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"x\":\(nested)}}"
                }
                #expect(try await client.post(ping(18)).status == 200)
                let refused = try await client.post(ping(19))
                #expect(refused.status == 400)
                #expect(
                    refused.text.contains("at most 20 levels of nesting (operational.limits.jsonDepth)"),
                    "\(refused.text)")
                #expect(try refused.json["error"]?["code"] == -32700)
            }
        }
    }

    /// `operational.limits` as backends meet them: their answers and lists are taken within the limits, and no further.
    @Suite("Limits of backends")
    struct BackendLimitTests {
        private func serve(
            _ limits: String, _ resources: Resources, _ body: (RunningGateway, RawClient) async throws -> Void
        ) async throws {
            var resources = resources
            resources.config = "operational: {timeouts: {default: 2s}, limits: {\(limits)}}"
            try await RunningGateway.serve(resources) { try await body($0, try await $0.client()) }
        }

        @Test(
            "An answer that is nested too deep ends its call, and nothing else", .timeLimit(.minutes(1)),
            arguments: ["stdio", "http"])
        func nesting(transport: String) async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources()
            if transport == "stdio" { try resources.addRaw("raw") } else { resources.addRemote("raw", server.url) }
            try await serve("jsonDepth: 20", resources) { gateway, client in
                let fine = try await client.call("raw_echo", #"{"levels":18}"#)
                #expect(fine["isError"] == nil, "\(fine.text)")
                let refused = try await client.call("raw_echo", #"{"levels":19}"#)
                #expect(refused["isError"] == true)
                #expect(
                    refused.text.contains("at most 20 levels of nesting (operational.limits.jsonDepth)"),
                    "\(refused.text)")
                #expect(try await client.call("raw_echo", #"{"text":"x"}"#).toolText == "raw: x")
            }
        }

        @Test("An event that is too large ends its call, and nothing else", .timeLimit(.minutes(1)))
        func events() async throws {
            let server = try await FixtureServer.raw("odd-sse")
            var resources = Resources()
            resources.addRemote("raw", server.url)
            try await serve("eventBytes: 2048", resources) { gateway, client in
                #expect(try await client.call("raw_huge", #"{"size":1024}"#)["isError"] == nil)
                let refused = try await client.call("raw_huge", #"{"size":2048}"#)
                #expect(refused["isError"] == true)
                #expect(
                    refused.text.contains("larger than 2048 bytes (operational.limits.eventBytes)"), "\(refused.text)")
                #expect(try await client.call("raw_echo", #"{"text":"x"}"#).toolText == "raw: x")
            }
        }

        @Test("A line that is too long is dropped: its call ends with its time", .timeLimit(.minutes(1)))
        func lines() async throws {
            var resources = Resources()
            try resources.addRaw("raw")
            try await serve("eventBytes: 2048", resources) { gateway, client in
                #expect(try await client.call("raw_huge", #"{"size":1024}"#)["isError"] == nil)
                let late = try await client.call("raw_huge", #"{"size":2048}"#)
                #expect(late["_meta"]?["vmcp.dev/error"]?["category"] == "timeout", "\(late.text)")
                #expect(try await client.call("raw_echo", #"{"text":"x"}"#).toolText == "raw: x")
            }
        }

        @Test(
            "A list of too many items or pages is missing with its limit", .timeLimit(.minutes(1)),
            arguments: [
                ("listItems: 6", "lists more than 6 tools (operational.limits.listItems)"),
                ("listPages: 2", "has more than 2 pages of tools (operational.limits.listPages)"),
            ])
        func lists(limit: String, reason: String) async throws {
            var resources = Resources()
            // Eight tools on three pages, and three on one.
            try resources.addRaw("many")
            try resources.addRaw("few", tools: ["echo", "exact", "count"])
            try await serve(limit, resources) { gateway, client in
                let status = try await gateway.awaitTrouble("many")
                #expect(status["message"]?.string?.contains(reason) == true, "\(status.text)")
                let names = try await client.toolNames()
                #expect(Set(names) == ["few_echo", "few_exact", "few_count"])
                // What else it lists is there.
                let resources = try await client.answer("resources/list")
                #expect(resources.contains("many://one"), "\(resources)")
            }
        }

        @Test("A tool whose schema is nested too deep is missing, the others are there", .timeLimit(.minutes(1)))
        func schemas() async throws {
            var resources = Resources()
            try resources.addRaw("raw", tools: ["echo", "deep15", "deep17"])
            try await serve("schemaDepth: 16", resources) { gateway, client in
                let names = try await client.toolNames()
                #expect(Set(names) == ["raw_echo", "raw_deep15"])
            }
        }
    }
}
