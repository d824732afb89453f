import Gateway
import Testing

@Suite("find_tool and call_tool")
struct OptimizedSessionTests {
    private static let tools = #"""
        {"tools":[{"name":"echo","description":"Echo","inputSchema":{"type":"object"},"x":1.0},\#
        {"name":"weather","inputSchema":{"type":"object"}},{"name":"find_tool","inputSchema":{"type":"object"}}]}
        """#

    private let search = PlainSearch()
    private let backend = MemoryBackend(lists: ["tools/list": Self.tools])

    private func gateway(
        pinned: Set<String> = [], denied: Set<String> = [], compositeTools: [WorkflowDefinition] = []
    ) -> TestGateway {
        var settings = OptimizerSettings()
        settings.pinned = pinned
        return TestGateway(
            ["a": backend], aggregation: AggregationSettings(strategy: .prefix, prefixMode: .onConflict),
            compositeTools: compositeTools, policy: AllBut(denied: denied), optimizer: (settings, search))
    }

    private static func names(_ response: JSONSlice?) -> [String] {
        response?["tools"]?.elements.compactMap { $0["name"]?.string } ?? []
    }

    private func ask(_ session: any ClientSession, _ tool: String, _ arguments: String) async throws -> JSONSlice {
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#)
        return try JSONSlice(validating: Array((await stream.response() ?? "null").utf8))
    }

    private func text(_ response: JSONSlice) -> String? {
        response["result"]?["content"]?.elements.first?["text"]?.string
    }

    @Test("Clients of either era see the two tools, and the pinned ones beside them")
    func list() async throws {
        let gateway = gateway(pinned: ["weather", "find_tool", "missing"])
        let session = try await gateway.session()
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#)
        let legacy = try JSONSlice(validating: Array((await stream.response() ?? "").utf8))
        #expect(Self.names(legacy["result"]) == ["call_tool", "find_tool", "weather"])
        let modern = try await gateway.post("tools/list").response()
        #expect(Self.names(modern["result"]) == ["call_tool", "find_tool", "weather"])
        let schema = modern["result"]?["tools"]?.elements[1]["inputSchema"]
        #expect(schema?["required"]?.elements.map(\.string) == ["tool_description"])
    }

    @Test("What is found comes whole, twice, with what it saved; other tools have no part in it")
    func find() async throws {
        let gateway = gateway(denied: ["weather"])
        let session = try await gateway.session()
        let arguments = #"{"tool_description":"echo weather","tool_keywords":["k"]}"#
        let response = try await ask(session, "find_tool", arguments)
        let content = response["result"]?["structuredContent"]
        #expect(Self.names(content) == ["echo"])
        let echo = content?["tools"]?.elements.first
        #expect(
            echo.map { String(decoding: $0.bytes, as: UTF8.self) }
                == #"{"name":"echo","description":"Echo","inputSchema":{"type":"object"},"x":1.0}"#)
        #expect(text(response) == content.map { String(decoding: $0.bytes, as: UTF8.self) })
        // 76 and 52 bytes: what the caller may not see is not counted.
        #expect(content?["token_metrics"]?["baseline_tokens"]?.integer == 32)
        #expect(content?["token_metrics"]?["returned_tokens"]?.integer == 19)
        #expect(content?["token_metrics"]?["savings_percent"]?.double == 40.625)
        #expect(search.asked == [ToolRequest(description: "echo weather", keywords: ["k"])])
        let modern = try await gateway.post(
            "tools/call", #""name":"find_tool","arguments":\#(arguments)"#,
            principal: Principal(issuer: "", subject: "root")
        ).response()
        #expect(modern["result"]?["resultType"]?.string == "complete")
        #expect(Self.names(modern["result"]?["structuredContent"]) == ["echo", "weather"])
    }

    @Test("A call goes to its tool as an ordinary one, _meta and its progress token included, and comes back whole")
    func call() async throws {
        let gateway = gateway()
        let session = try await gateway.session()
        let stream = try session.ask(
            #"""
            {"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"_meta":{"progressToken":"p","own/x":1.0},\#
            "arguments":{"parameters":{"n":1.50},"tool_name":"echo"},"name":"call_tool"}}
            """#)
        let inner = await backend.next("tools/call")
        #expect(inner.message.params?["name"]?.string == "echo")
        #expect(inner.message.params?["arguments"].map { String(decoding: $0.bytes, as: UTF8.self) } == #"{"n":1.50}"#)
        #expect(inner.message.params?["_meta"]?["own/x"].map { String(decoding: $0.bytes, as: UTF8.self) } == "1.0")
        let token = String(decoding: inner.message.params?["_meta"]?["progressToken"]?.array ?? [], as: UTF8.self)
        backend.say(
            #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":\#(token),"progress":1}}"#,
            session: inner.session)
        let progress = await stream.messages(1)
        #expect(progress[0].contains(#""progressToken":"p""#))
        let result = #"{"content":[],"structuredContent":{"a":1.0},"isError":false,"_meta":{"b":2}}"#
        backend.answer(inner, result: result)
        #expect(await stream.response() == #"{"jsonrpc":"2.0","id":"c","result":\#(result)}"#)
    }

    @Test("A call without a session goes to its tool too")
    func modernCall() async throws {
        let gateway = gateway()
        let answer = try await gateway.post(
            "tools/call", #""name":"call_tool","arguments":{"tool_name":"weather","parameters":{"city":"Oslo"}}"#)
        let inner = await backend.next("tools/call")
        #expect(inner.message.params?["name"]?.string == "weather")
        #expect(inner.message.params?["arguments"]?["city"]?.string == "Oslo")
        backend.answer(inner, result: #"{"content":[],"_meta":{"b":2}}"#)
        let response = try await answer.response()
        #expect(response["result"]?["_meta"]?["b"]?.integer == 2)
        #expect(response["result"]?["resultType"]?.string == "complete")
    }

    @Test(
        "What cannot be done is a result that the model can read",
        arguments: [
            ("call_tool", #"{"tool_name":"nosuch","parameters":{}}"#, "tool not found: nosuch"),
            ("call_tool", #"{"tool_name":"weather","parameters":{}}"#, "tool not found: weather"),
            ("call_tool", #"{"tool_name":"call_tool","parameters":{}}"#, "tool not found: call_tool"),
            (
                "call_tool", #"{"tool_name":"x","parameters":[]}"#,
                #"invalid arguments: "parameters" must be an object, found array"#
            ),
            ("find_tool", "{}", "find_tool failed: tool_description is required"),
            ("find_tool", #"{"tool_description":"burn"}"#, "find_tool failed: the index is on fire"),
        ])
    func refused(tool: String, arguments: String, reason: String) async throws {
        let gateway = gateway(denied: ["weather"])
        let session = try await gateway.session()
        let legacy = try await ask(session, tool, arguments)
        let modern = try await gateway.post("tools/call", #""name":"\#(tool)","arguments":\#(arguments)"#).response()
        for response in [legacy, modern] {
            #expect(response["result"]?["isError"]?.bool == true)
            #expect(text(response) == reason)
        }
        #expect(backend.takeUnanswered().isEmpty)
    }

    @Test("Arguments that are no object are an error of the protocol for clients of 2026-07-28 only")
    func malformed() async throws {
        let gateway = gateway()
        let legacy = try await ask(try await gateway.session(), "find_tool", "[]")
        #expect(text(legacy) == "arguments must be object")
        let modern = try await gateway.post("tools/call", #""name":"call_tool","arguments":3"#).response()
        #expect(modern["error"]?["code"]?.integer == -32602)
        #expect(modern["error"]?["message"]?.string == "arguments must be an object")
    }

    @Test("A tool that is not listed cannot be called by its name; a pinned one can")
    func direct() async throws {
        let gateway = gateway(pinned: ["weather"])
        let session = try await gateway.session()
        let refused = try await ask(session, "echo", "{}")
        #expect(refused["error"]?["code"]?.integer == -32602)
        #expect(refused["error"]?["message"]?.string == "Unknown tool: echo")
        let modern = try await gateway.post("tools/call", #""name":"echo","arguments":{}"#).response()
        #expect(modern["error"]?["code"]?.integer == -32602)
        _ = try session.ask(
            #"{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"weather","arguments":{}}}"#)
        #expect(await backend.next("tools/call").message.params?["name"]?.string == "weather")
    }

    @Test("A backend's tool with the name of one of the two is reached through call_tool")
    func nameOfOurs() async throws {
        let gateway = gateway()
        let session = try await gateway.session()
        _ = try session.ask(
            """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"call_tool","arguments":\
            {"tool_name":"find_tool"}}}
            """)
        #expect(await backend.next("tools/call").message.params?["name"]?.string == "find_tool")
    }

    @Test(
        "An error of the tool's own becomes a result, unless it asks something of the client's program",
        arguments: [
            (#"{"code":-32000,"message":"no luck","data":1}"#, "call_tool failed: no luck"),
            (#"{"code":-32042,"message":"visit","data":{"elicitations":[]}}"#, nil),
        ] as [(String, String?)])
    func protocolErrors(error: String, reason: String?) async throws {
        let gateway = gateway()
        let session = try await gateway.session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"call_tool","arguments":{"tool_name":"echo"}}}"#
        )
        backend.refuse(await backend.next("tools/call"), error)
        let response = try JSONSlice(validating: Array((await stream.response() ?? "").utf8))
        #expect(text(response) == reason)
        #expect((response["result"]?["isError"]?.bool == true) == (reason != nil))
        guard reason != nil else { return }
        let answer = try await gateway.post("tools/call", #""name":"call_tool","arguments":{"tool_name":"echo"}"#)
        backend.refuse(await backend.next("tools/call"), error)
        let modern = try await answer.response()
        #expect(text(modern) == reason)
        #expect(answer.code == nil)
    }

    @Test("The index follows the catalogue, and clients are told of nothing: their list is the same")
    func changes() async throws {
        let backend = MemoryBackend(listens: true, lists: ["tools/list": Self.tools])
        let gateway = TestGateway(["a": backend], optimizer: (OptimizerSettings(), search))
        let session = try await gateway.session()
        let told = RecordingStream()
        session.attach(told)
        backend.set { $0.lists["tools/list"] = #"{"tools":[{"name":"added","inputSchema":{"type":"object"}}]}"# }
        backend.say(
            #"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#, session: backend.sessions.first ?? 0)
        await gateway.catalogs.until { $0.last == "a_added" }
        let response = try await ask(session, "find_tool", #"{"tool_description":"added"}"#)
        #expect(Self.names(response["result"]?["structuredContent"]) == ["a_added"])
        #expect(told.sent.isEmpty)
    }

    @Test("A search that the client cancels ends; one of a session that ends too")
    func cancelled() async throws {
        let gateway = gateway()
        let session = try await gateway.session()
        let text =
            #"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"find_tool","arguments":{"tool_description":"wait for ever"}}}"#
        let first = try session.ask(text)
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}"#))
        #expect(await first.response() == nil)
        // Its id is free again.
        let second = try session.ask(text)
        await session.end()
        #expect(await second.response() == nil)
        let exchange = try await gateway.post(
            "tools/call", #""name":"find_tool","arguments":{"tool_description":"wait for ever"}"#)
        exchange.cancel()
    }
}
