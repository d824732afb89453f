import Gateway
import Testing

@Suite("2026-07-28: requests to backends with sessions")
struct StatelessCallTests {
    private static let call = #""name":"a_echo","arguments":{"b":1.0}"#

    @Test(
        "The backend sees its own name and none of the gateway's metadata; the answer is stamped and otherwise as it came"
    )
    func bytesTravel() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["a": backend])
        let answer = try await gateway.post("tools/call", Self.call, id: #""x""#, meta: #","vendor/key":1.0"#)
        let call = await backend.next("tools/call")
        #expect(
            call.message.params.map { String(decoding: $0.bytes, as: UTF8.self) }
                == #"{"name":"echo","arguments":{"b":1.0},"_meta":{"vendor/key":1.0}}"#)
        backend.answer(
            call, result: #"{"content":[],"structuredContent":[18446744073709551617, 1.50],"isError":false}"#)
        let id = String(decoding: call.id, as: UTF8.self)
        #expect(id != #""x""#)
        #expect(
            await answer.text()
                == #"{"jsonrpc":"2.0","id":"x","result":{"resultType":"complete","_meta":{\#(TestGateway.serverInfo)},"content":[],"structuredContent":[18446744073709551617, 1.50],"isError":false}}"#
        )
    }

    @Test(
        "Stamps replace what a backend has in their place, and leave the rest",
        arguments: [
            ("tools/call", "{}", #"{"resultType":"complete","_meta":{\#(TestGateway.serverInfo)}}"#),
            (
                "tools/call", #"{"_meta":{"k":1.0},"content":[]}"#,
                #"{"resultType":"complete","_meta":{\#(TestGateway.serverInfo),"k":1.0},"content":[]}"#
            ),
            (
                "tools/call",
                #"{"_meta":{"io.modelcontextprotocol/serverInfo":{},"k":2},"resultType":"odd","ttlMs":5}"#,
                #"{"_meta":{\#(TestGateway.serverInfo),"k":2},"resultType":"complete","ttlMs":5}"#
            ),
            ("tools/call", #"{"_meta":null}"#, #"{"resultType":"complete","_meta":{\#(TestGateway.serverInfo)}}"#),
            (
                "resources/read", #"{"contents":[],"ttlMs":60000,"cacheScope":"public"}"#,
                #"{"resultType":"complete","_meta":{\#(TestGateway.serverInfo)},"contents":[],"ttlMs":0,"cacheScope":"private"}"#
            ),
        ])
    func stamps(_ method: String, _ result: String, _ expected: String) async throws {
        let backend = MemoryBackend(lists: [
            "tools/list": #"{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}"#,
            "resources/list": #"{"resources":[{"uri":"mem://a","name":"a"}]}"#,
        ])
        let gateway = TestGateway(["a": backend])
        let answer = try await gateway.post(method, method == "tools/call" ? Self.call : #""uri":"mem://a""#)
        backend.answer(await backend.next(method), result: result)
        #expect(await answer.text() == #"{"jsonrpc":"2.0","id":7,"result":\#(expected)}"#)
    }

    @Test(
        "Errors of a backend are those of this revision",
        arguments: [
            (#"{"code":-32602,"message":"m","data":{"a":1.0}}"#, -32602, #""message":"m","data":{"a":1.0}"#),
            (#"{"code":-32601,"message":"m"}"#, -32601, #""message":"m""#),
            (#"{"code":4711,"message":"m"}"#, 4711, #""message":"m""#),
            (#"{"code":0,"message":"m"}"#, 0, #""message":"m""#),
            (#"{"code":-32002,"message":"m"}"#, -32602, #""data":{"uri":"mem://a"}"#),
            (#"{"code":-32002,"message":"m","data":{"uri":"mem://b"}}"#, -32602, #""data":{"uri":"mem://b"}"#),
            (#"{"code":-32000,"message":"m","data":1}"#, -32603, #""message":"m","data":1"#),
            (#"{"code":-32019,"message":"m"}"#, -32603, #""message":"m""#),
            (#"{"code":-32042,"message":"m"}"#, -32603, #""message":"m""#),
            (#"{"code":-32020,"message":"m"}"#, -32603, #""message":"m""#),
            (#"{"code":-32700,"message":"m"}"#, -32603, #""message":"m""#), (#"{"message":"m"}"#, -32603, "no code"),
        ])
    func errors(_ error: String, _ code: Int, _ part: String) async throws {
        let backend = MemoryBackend(lists: ["resources/list": #"{"resources":[{"uri":"mem://a","name":"a"}]}"#])
        let gateway = TestGateway(["a": backend])
        let answer = try await gateway.post("resources/read", #""uri":"mem://a""#)
        let call = await backend.next("resources/read")
        backend.push(call, #"{"jsonrpc":"2.0","id":\#(String(decoding: call.id, as: UTF8.self)),"error":\#(error)}"#)
        let text = await answer.text()
        #expect(answer.code == code && text.contains("\"code\":\(code),") && text.contains(part), "\(text)")
    }

    @Test("A failure of the gateway's own is a stamped result of a tool, and an error of anything else")
    func failures() async throws {
        let backend = MemoryBackend(lists: [
            "tools/list": #"{"tools":[{"name":"echo"}]}"#, "prompts/list": #"{"prompts":[{"name":"p"}]}"#,
        ])
        let gateway = TestGateway(["a": backend])
        let tool = try await gateway.post("tools/call", Self.call)
        let prompt = try await gateway.post("prompts/get", #""name":"a_p""#)
        for method in ["tools/call", "prompts/get"] {
            let call = await backend.next(method)
            call.observer.ended(Outcome(.unavailable, message: "gone"), last: [])
        }
        let result = try await tool.response()["result"]
        #expect(result?["isError"]?.bool == true && result?["resultType"]?.string == "complete")
        #expect(result?["_meta"]?["vmcp.dev/error"]?["backend"]?.string == "a")
        #expect(result?["_meta"]?["io.modelcontextprotocol/serverInfo"] != nil)
        _ = try await prompt.response()
        #expect(prompt.code == -32603)
    }

    @Test("Progress goes to its request alone, log messages only at the level that the request asked for")
    func notifications() async throws {
        let backend = MemoryBackend(traits: [.shareable])
        let gateway = TestGateway(["a": backend])
        let answer = try await gateway.post(
            "tools/call", Self.call, meta: #","progressToken":"t","io.modelcontextprotocol/logLevel":"warning""#)
        let other = try await gateway.post("tools/call", Self.call, meta: #","progressToken":"t""#)
        backend.answer(await backend.next("logging/setLevel"), result: "{}")
        let calls = [await backend.next("tools/call"), await backend.next("tools/call")]
        for call in calls {
            for level in ["info", "warning", "strange", "error"] {
                _ = call.observer.received(
                    Array(#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"\#(level)"}}"#.utf8))
            }
            let token = try #require(call.message.params?["_meta"]?["progressToken"]?.integer)
            _ = call.observer.received(
                Array(
                    #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":\#(token),"progress":1}}"#
                        .utf8))
            backend.answer(call, result: "{}")
        }
        _ = await (answer.text(), other.text())
        let progress =
            #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t","progress":1}}"#
        #expect(other.sent == [progress])
        #expect(
            answer.sent.map { $0.contains("warning") || $0.contains("error") || $0 == progress } == [true, true, true])
    }

    @Test("Over a channel that all requests share, a log message is the only request's under way, and of two nobody's")
    func sharedChannel() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["a": backend])
        let level = #","io.modelcontextprotocol/logLevel":"info""#
        func log(_ text: String) {
            backend.say(
                #"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":"\#(text)"}}"#,
                session: backend.sessions[0])
        }
        let first = try await gateway.post("tools/call", Self.call, meta: level)
        let call = await backend.next("tools/call")
        log("first")
        let second = try await gateway.post("tools/call", Self.call, meta: level)
        let other = await backend.next("tools/call")
        log("nobody's")
        backend.answer(call, result: "{}")
        _ = await first.text()
        log("second")
        backend.answer(other, result: "{}")
        _ = await second.text()
        #expect(first.sent.count == 1 && first.sent[0].contains("\"first\""))
        #expect(second.sent.count == 1 && second.sent[0].contains("\"second\""))
    }

    @Test("A request that is cancelled is cancelled at the backend, wherever it is, and nothing is sent any more")
    func cancel() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["a": backend])
        let answer = try await gateway.post("tools/call", Self.call)
        let call = await backend.next("tools/call")
        answer.cancel()
        await backend.until { state in state.received.contains { $0.method == "notifications/cancelled" } }
        let cancelled = try #require(backend.received.last { $0.method == "notifications/cancelled" })
        #expect(cancelled.params?["requestId"]?.array == call.id)
        backend.answer(call, result: "{}")
        #expect(!answer.recording.isClosed)
    }

    @Test(
        "What a client did not declare is refused to the backend; only a call that fails for it is that error",
        arguments: [
            (#""result":{"content":[],"isError":true}"#, false), (#""result":{"content":[]}"#, false),
            (
                #""result":{"isError":true,"content":[{"text":"Method not found: this client did not declare elicitation.form"}]}"#,
                true
            ), (#""error":{"code":-32601,"message":"m"}"#, true), (#""error":{"code":1,"message":"m"}"#, false),
        ])
    func undeclared(_ end: String, _ isMissing: Bool) async throws {
        let backend = MemoryBackend(traits: [.shareable])
        let gateway = TestGateway(["a": backend])
        let answer = try await gateway.post("tools/call", Self.call)
        let call = await backend.next("tools/call")
        _ = call.observer.received(Array(#"{"jsonrpc":"2.0","id":5,"method":"elicitation/create","params":{}}"#.utf8))
        let refusal = try #require(backend.received.last { $0.kind == .response })
        #expect(refusal.error?["code"]?.integer == -32601 && refusal.id?.integer == 5)
        backend.push(call, #"{"jsonrpc":"2.0","id":\#(String(decoding: call.id, as: UTF8.self)),\#(end)}"#)
        let text = await answer.text()
        #expect((answer.code == -32021) == isMissing)
        #expect(
            text.contains(#""data":{"requiredCapabilities":{"elicitation":{"form":{}}}}"#) == isMissing, "\(text)")
    }

    @Test("A backend without completions is not asked for any")
    func completions() async throws {
        let backend = MemoryBackend(lists: ["prompts/list": #"{"prompts":[{"name":"p"}]}"#])
        let gateway = TestGateway(["a": backend])
        let answer = try await gateway.post(
            "completion/complete", #""ref":{"type":"ref/prompt","name":"a_p"},"argument":{"name":"x","value":""}"#)
        #expect(
            await answer.text()
                == #"{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","_meta":{\#(TestGateway.serverInfo)},"completion":{"values":[]}}}"#
        )
    }
}
