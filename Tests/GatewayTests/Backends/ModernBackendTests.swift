import Testing

@testable import Gateway

@Suite("Backends of 2026-07-28", .timeLimit(.minutes(2)))
struct ModernBackendTests {
    static let capabilities = """
        {"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{},"logging":{}}
        """
    static let lists = [
        "tools/list": """
        {"resultType":"complete","ttlMs":1,"cacheScope":"public","tools":[{"name":"echo","inputSchema":{"type":"object",\
        "properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}]}
        """,
        "resources/list": #"{"resources":[{"uri":"mem://ä","name":"a"}]}"#,
    ]

    private func backend(
        http: Bool = true, capabilities: String = capabilities, lists: [String: String] = lists
    ) -> MemoryBackend {
        MemoryBackend(
            traits: http ? [.hasHeaders] : [.shareable, .answersOnSession],
            discoverResult: """
                {"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":\(capabilities),"ttlMs":0,\
                "cacheScope":"private"}
                """, lists: lists)
    }

    private func text(_ slice: JSONSlice?) -> String { slice.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "" }
    private func headers(_ waiting: MemoryBackend.Waiting) -> [String] {
        waiting.context.headers.map { "\($0.name): \($0.value)" }
    }

    private static let ask =
        #"{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"b_echo","arguments":{"region":"é"}}}"#

    @Test("A request says itself what a handshake would have said, and headers repeat what routes it")
    func request() async throws {
        let backend = backend()
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session(capabilities: #"{"elicitation":{},"roots":{"listChanged":true}}"#)
        let stream = try session.ask(Self.ask)
        let call = await backend.next("tools/call")
        #expect(
            text(call.message.params) == """
                {"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
                "io.modelcontextprotocol/clientInfo":{"name":"t","version":"0"},\
                "io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}},"roots":{}},\
                "io.modelcontextprotocol/logLevel":"info"},"name":"echo","arguments":{"region":"é"}}
                """)
        #expect(
            headers(call) == [
                "Mcp-Method: tools/call", "Mcp-Name: echo", "Mcp-Param-Region: =?base64?w6k=?=",
                "MCP-Protocol-Version: 2026-07-28",
            ])
        backend.answer(
            call,
            result: """
                {"resultType":"complete","content":[],"structuredContent":[1.0],"ttlMs":0,"_meta":\
                {"io.modelcontextprotocol/serverInfo":{},"k":1.0}}
                """)
        #expect(
            await stream.response()
                == #"{"jsonrpc":"2.0","id":"c","result":{"content":[{"type":"text","text":"[1.0]"}],"_meta":{"k":1.0}}}"#
        )
        #expect(!backend.methods.contains("initialize") && !backend.methods.contains("notifications/initialized"))
    }

    @Test("One session serves clients of both eras, also those that can be asked something")
    func sharing() async throws {
        let backend = backend()
        let gateway = TestGateway(["b": backend])
        let first = try await gateway.session(capabilities: #"{"elicitation":{}}"#).ask(Self.ask)
        let second = try await gateway.session().ask(Self.ask)
        let third = try await gateway.post("tools/call", #""name":"b_echo""#)
        for _ in 0..<3 { backend.answer(await backend.next("tools/call"), result: #"{"resultType":"complete"}"#) }
        #expect(await first.response() != nil)
        #expect(await second.response() != nil)
        #expect(await third.text().contains(#""resultType":"complete""#))
        #expect(backend.sessions.count == 1)
    }

    @Test("With private sessions each client has its own")
    func privateSessions() async throws {
        let backend = backend(http: false)
        let gateway = TestGateway(["b": backend], isolation: .private)
        for _ in 0..<2 {
            _ = try await gateway.session().ask(Self.ask)
            _ = await backend.next("tools/call")
        }
        #expect(backend.sessions.count == 3)
    }

    @Test("Headers that the backend disagrees with bring its tools to be read again, and the call to be sent once more")
    func mismatch() async throws {
        let backend = backend()
        let gateway = TestGateway(["b": backend])
        let stream = try await gateway.session().ask(Self.ask)
        let first = await backend.next("tools/call")
        backend.set {
            $0.lists["tools/list"] = Self.lists["tools/list"]?.replacingOccurrence(of: "Region", with: "Place")
        }
        backend.refuse(first, #"{"code":-32020,"message":"mismatch"}"#)
        let second = await backend.next("tools/call")
        #expect(headers(second).contains("Mcp-Param-Place: =?base64?w6k=?="))
        #expect(second.id != first.id)
        backend.refuse(second, #"{"code":-32020,"message":"mismatch"}"#)
        #expect(await stream.response()?.contains("headers and body of a request disagree") == true)
    }

    @Test("A call that is cancelled while it is sent again is cancelled at the backend")
    func cancelledRepeat() async throws {
        let backend = backend()
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        let stream = try session.ask(Self.ask)
        backend.refuse(await backend.next("tools/call"), #"{"code":-32020,"message":"mismatch"}"#)
        let second = await backend.next("tools/call")
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c"}}"#))
        await backend.until { $0.cancelled.contains(second.call) }
        #expect(await stream.response() == nil)
        // Over HTTP the closed response says it.
        #expect(!backend.methods.contains("notifications/cancelled"))
    }

    @Test("On pipes a cancelled call is told of")
    func cancelledOnPipe() async throws {
        let backend = backend(http: false)
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        _ = try session.ask(Self.ask)
        let call = await backend.next("tools/call")
        #expect(call.context.headers.isEmpty)
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c"}}"#))
        await backend.until { state in state.received.contains { $0.method == "notifications/cancelled" } }
    }

    @Test(
        "Errors of this revision become those that older clients know",
        arguments: [
            (#"{"code":-32602,"message":"m","data":{"uri":"mem://ä"}}"#, -32002),
            (#"{"code":-32602,"message":"m"}"#, -32602),
            (#"{"code":-32021,"message":"m","data":{"requiredCapabilities":{"sampling":{}}}}"#, -32602),
        ])
    func errors(_ error: String, _ code: Int) async throws {
        let backend = backend()
        let gateway = TestGateway(["b": backend])
        let stream = try await gateway.session().ask(
            #"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"mem://ä"}}"#)
        let read = await backend.next("resources/read")
        #expect(headers(read).contains("Mcp-Name: =?base64?bWVtOi8vw6Q=?="))
        backend.refuse(read, error)
        let answer = try JSONSlice(validating: Array((await stream.response() ?? "null").utf8))
        #expect(answer["error"]?["code"]?.integer == code)
        #expect(text(answer["error"]?["message"]) == #""m""#)
    }

    @Test("A kind of result that nobody here knows is an error that names it")
    func unknownResult() async throws {
        let backend = backend()
        let gateway = TestGateway(["b": backend])
        let stream = try await gateway.session().ask(Self.ask)
        backend.answer(await backend.next("tools/call"), result: #"{"resultType":"hologram"}"#)
        #expect(await stream.response()?.contains(#"result type \"hologram\""#) == true)
    }

    @Test("What a resource of such a backend says of caching reaches clients of the same revision")
    func hints() async throws {
        let backend = backend()
        let gateway = TestGateway(["b": backend])
        let answer = try await gateway.post("resources/read", #""uri":"mem://ä""#)
        backend.answer(
            await backend.next("resources/read"),
            result: #"{"resultType":"complete","ttlMs":60000,"cacheScope":"public","contents":[]}"#)
        #expect(
            await answer.text()
                == #"{"jsonrpc":"2.0","id":7,"result":{"_meta":{\#(TestGateway.serverInfo)},"resultType":"complete","ttlMs":60000,"cacheScope":"public","contents":[]}}"#
        )
    }

    @Test("A backend that speaks another revision after a restart gets the request again over a new session")
    func renegotiation() async throws {
        let backend = backend()
        let gateway = TestGateway(["b": backend])
        let stream = try await gateway.session().ask(Self.ask)
        let call = await backend.next("tools/call")
        backend.set { $0.discoverResult = nil }
        backend.refuse(call, #"{"code":-32022,"message":"no","data":{"supported":["2025-06-18"]}}"#)
        let second = await backend.next("tools/call")
        #expect(text(second.message.params) == #"{"name":"echo","arguments":{"region":"é"}}"#)
        backend.answer(second, result: #"{"content":[]}"#)
        #expect(await stream.response() == #"{"jsonrpc":"2.0","id":"c","result":{"content":[]}}"#)
    }

    @Test("Changes are heard of on one stream, which follows the subscriptions of clients of both eras")
    func changes() async throws {
        for http in [true, false] {
            let backend = backend(http: http)
            let gateway = TestGateway(["b": backend])
            let session = try await gateway.session()
            let events = RecordingStream()
            session.attach(events)
            await backend.until { $0.subscriptions.count == 1 }
            let subscribed = try session.ask(
                #"{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"mem://ä"}}"#)
            #expect(await subscribed.response() == #"{"jsonrpc":"2.0","id":1,"result":{}}"#)
            let listen = try await gateway.post(
                "subscriptions/listen", #""notifications":{"resourceSubscriptions":["mem://ä"]}"#)
            _ = await listen.messages(1)
            #expect(!backend.methods.contains("resources/subscribe"))
            let streams = await backend.streams(2)
            #expect(
                streams.map { text($0.message.params?["notifications"]) } == [
                    #"{"resourcesListChanged":true,"toolsListChanged":true}"#,
                    #"{"resourcesListChanged":true,"toolsListChanged":true,"resourceSubscriptions":["mem://ä"]}"#,
                ])
            await backend.until { state in
                state.cancelled.contains(streams[0].call)
                    || state.received.contains { $0.method == "notifications/cancelled" }
            }
            backend.tell(streams[1], "notifications/resources/updated", #""uri":"mem://ä""#, mark: "999")
            backend.tell(streams[1], "notifications/resources/updated", #""uri":"mem://ä""#)
            #expect(
                await events.messages(1) == [
                    #"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"mem://ä","_meta":{"x/own":1}}}"#
                ])
            let told = await listen.messages(2)
            #expect(told.last?.contains(#""io.modelcontextprotocol/subscriptionId":7"#) == true)
            backend.set { $0.lists["tools/list"] = #"{"tools":[{"name":"new"}]}"# }
            backend.tell(streams[1], "notifications/tools/list_changed")
            await gateway.catalogs.until { $0.contains("b_new") }
        }
    }

    @Test("A stream that breaks off is opened again, and followed by a reading of all lists")
    func reopened() async throws {
        let backend = backend()
        let gateway = TestGateway(["b": backend])
        _ = try await gateway.session()
        let streams = await backend.streams(1)
        backend.set { $0.lists["tools/list"] = #"{"tools":[{"name":"new"}]}"# }
        streams[0].observer.ended(Outcome(.unavailable, message: "reset"), last: [])
        await gateway.clock.sleeper(1_000)
        gateway.clock.advance(by: 1_000)
        await gateway.catalogs.until { $0.contains("b_new") }
        #expect(await backend.streams(2).count == 2)
    }

    @Test("A server on a pipe that ends when it is asked server/discover gets the handshake the next time")
    func fragile() async throws {
        let backend = MemoryBackend()
        backend.set { $0.heldMethods = ["server/discover"] }
        let gateway = TestGateway(["b": backend])
        _ = await backend.next("server/discover")
        backend.lose(backend.sessions[0], Outcome(.unavailable, sessionLost: true, message: "exited with 1"))
        await gateway.clock.sleeper(1_000)
        gateway.clock.advance(by: 1_000)
        await gateway.catalogs.until { $0.contains("b_echo") }
        #expect(backend.methods.filter { $0 == "server/discover" }.count == 1)
    }

    @Test("A server on a pipe that never answers server/discover is served after little more than a second")
    func silent() async throws {
        let backend = MemoryBackend()
        backend.set { $0.heldMethods = ["server/discover"] }
        let gateway = TestGateway(["b": backend])
        _ = await backend.next("server/discover")
        await gateway.clock.sleeper(BackendSession.discoverySilence)
        gateway.clock.advance(by: BackendSession.discoverySilence)
        await gateway.catalogs.until { $0.contains("b_echo") }
    }
}

extension String {
    fileprivate func replacingOccurrence(of text: String, with other: String) -> String {
        guard let range = firstRange(of: text) else { return self }
        return replacingCharacters(in: range, other)
    }

    private func replacingCharacters(in range: Range<String.Index>, _ other: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: other)
        return copy
    }
}

extension MemoryBackend {
    /// The streams of `subscriptions/listen`, once there are so many.
    fileprivate func streams(_ count: Int) async -> [Waiting] {
        await until { $0.subscriptions.count >= count }
        return subscriptions
    }
}
