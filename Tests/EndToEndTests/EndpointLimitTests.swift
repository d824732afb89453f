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
    }
}
