import Gateway
import Testing

@Suite("Requests through the gateway")
struct ForwardingTests {
    @Test("Name and id are changed, every other byte of request and answer travels as it came")
    func bytesTravel() async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["alpha": backend]).session()
        let stream = try session.ask(
            #"{"zz":1.0,"jsonrpc":"2.0","method":"tools/call","params":{"q":[9007199254740993, 1e400],"name":"alpha_echo","arguments":{"b":1.0,"a":"\u00e9"}},"id":"x"}"#
        )
        let call = await backend.next("tools/call")
        let sent = String(decoding: call.message.json.bytes, as: UTF8.self)
        let id = String(decoding: call.id, as: UTF8.self)
        #expect(
            sent
                == #"{"zz":1.0,"jsonrpc":"2.0","method":"tools/call","params":{"q":[9007199254740993, 1e400],"name":"echo","arguments":{"b":1.0,"a":"\u00e9"}},"id":"#
                + id + "}")
        backend.push(call, #"{"result":{"content":[],"x":18446744073709551617,"y":1.50},"id":\#(id),"jsonrpc":"2.0"}"#)
        #expect(
            await stream.response()
                == #"{"result":{"content":[],"x":18446744073709551617,"y":1.50},"id":"x","jsonrpc":"2.0"}"#)
    }

    @Test("Two clients with equal ids and tokens over one backend session do not mix")
    func equalIDs() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["alpha": backend])
        let (one, two) = (try await gateway.session(), try await gateway.session())
        func ask(_ session: any ClientSession, _ text: String) throws -> RecordingStream {
            try session.ask(
                #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"alpha_echo","arguments":{"text":"\#(text)"},"_meta":{"progressToken":"t"}}}"#
            )
        }
        let (first, second) = (try ask(one, "1"), try ask(two, "2"))
        let calls = [await backend.next("tools/call"), await backend.next("tools/call")]
        #expect(backend.sessions.count == 1)
        let texts = calls.map { $0.message.params?["arguments"]?["text"]?.string ?? "" }
        let ofTwo = try #require(calls.first { $0.message.params?["arguments"]?["text"]?.string == "2" })
        let ofOne = try #require(calls.first { $0.message.params?["arguments"]?["text"]?.string == "1" })
        #expect(Set(texts) == ["1", "2"] && ofOne.id != ofTwo.id)
        let token = try #require(ofTwo.message.params?["_meta"]?["progressToken"])
        backend.say(
            #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":\#(String(decoding: token.bytes, as: UTF8.self)),"progress":1}}"#,
            session: ofTwo.session)
        backend.answer(ofTwo, result: #"{"two":2}"#)
        backend.answer(ofOne, result: #"{"one":1}"#)
        #expect(await first.response() == #"{"jsonrpc":"2.0","id":7,"result":{"one":1}}"#)
        #expect(await second.response() == #"{"jsonrpc":"2.0","id":7,"result":{"two":2}}"#)
        #expect(first.sent.isEmpty)
        #expect(
            second.sent == [
                #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t","progress":1}}"#
            ])
    }

    @Test("Progress that does not rise is dropped", arguments: [[1.0, 1.0, 2.0], [3.0, 2.0, 4.0]])
    func risingProgress(values: [Double]) async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["alpha": backend]).session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha_echo","_meta":{"progressToken":5}}}"#
        )
        let call = await backend.next("tools/call")
        let token = call.message.params?["_meta"]?["progressToken"]?.integer ?? 0
        for value in values {
            backend.say(
                #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":\#(token),"progress":\#(value)}}"#,
                session: call.session)
        }
        backend.answer(call, result: "{}")
        _ = await stream.response()
        #expect(stream.sent.count == 2)
        #expect(stream.sent.allSatisfy { $0.contains(#""progressToken":5,"#) })
    }

    @Test("A cancelled request reaches the backend under the backend's id, and the client gets no answer")
    func cancellation() async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["alpha": backend]).session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"alpha_echo"}}"#)
        let call = await backend.next("tools/call")
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c"}}"#))
        #expect(await stream.response() == nil)
        // The client is told first, and may be told while the request is still being sent.
        await backend.until { !$0.cancelled.isEmpty }
        let notice = try #require(backend.received.last)
        #expect(notice.method == "notifications/cancelled")
        #expect(notice.params?["requestId"]?.array == call.id)
        backend.answer(call, result: "{}")  // A late answer finds nothing.
        #expect(backend.cancelled == [call.call])
    }

    @Test("A call whose time is over ends with a result that says so, and the backend hears of it")
    func timeout() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["alpha": backend])
        let session = try await gateway.session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha_echo"}}"#)
        _ = await backend.next("tools/call")
        gateway.clock.advance(by: 30_000)
        await gateway.server.sweep()
        let response = try #require(await stream.response())
        #expect(response.contains(#""isError":true"#))
        #expect(
            response.contains(
                #""vmcp.dev/error":{"category":"timeout","backend":"alpha","retryable":true}"#))
        #expect(backend.methods.contains("notifications/cancelled"))
    }

    @Test("Progress extends the silence allowed, but not the longest time of a call")
    func longCall() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["alpha": backend])
        let session = try await gateway.session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha_echo","_meta":{"progressToken":1}}}"#
        )
        let call = await backend.next("tools/call")
        let token = call.message.params?["_meta"]?["progressToken"]?.integer ?? 0
        for step in 1...23 {
            gateway.clock.advance(by: 25_000)
            await gateway.server.sweep()
            backend.say(
                #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":\#(token),"progress":\#(step)}}"#,
                session: call.session)
        }
        #expect(stream.sent.count == 23 && !stream.isClosed)
        gateway.clock.advance(by: 25_000)
        await gateway.server.sweep()
        #expect(try #require(await stream.response()).contains("longest time"))
    }

    @Test("Methods other than tools/call report a failing backend as -32603 with the same object")
    func otherMethods() async throws {
        let backend = MemoryBackend(
            traits: [], lists: ["prompts/list": #"{"prompts":[{"name":"greet"}]}"#, "tools/list": #"{"tools":[]}"#])
        let session = try await TestGateway(["alpha": backend]).session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"alpha_greet"}}"#)
        let call = await backend.next("prompts/get")
        call.observer.ended(Outcome(.unavailable, message: "refused the connection"), last: [])
        #expect(
            await stream.response()
                == #"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Backend \"alpha\" (connection_failed): refused the connection","data":{"category":"connection_failed","backend":"alpha","retryable":true}}}"#
        )
    }

    @Test("A request that a lost session did not run is sent once more over a new one")
    func reinitialises() async throws {
        let backend = MemoryBackend(traits: [.hasHeaders])
        let session = try await TestGateway(["alpha": backend]).session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha_echo"}}"#)
        let first = await backend.next("tools/call")
        first.observer.ended(Outcome(.notFound, notSent: true, sessionLost: true, httpStatus: 404), last: [])
        let second = await backend.next("tools/call")
        #expect(second.session != first.session)
        #expect(second.context.headers == [Header("MCP-Protocol-Version", "2025-06-18")])
        second.observer.ended(Outcome(.notFound, notSent: true, sessionLost: true, httpStatus: 404), last: [])
        #expect(try #require(await stream.response()).contains(#""isError":true"#))
    }

    @Test("A backend's own error passes as that error")
    func backendError() async throws {
        let backend = MemoryBackend(traits: [])
        let session = try await TestGateway(["alpha": backend]).session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha_echo"}}"#)
        let call = await backend.next("tools/call")
        let id = String(decoding: call.id, as: UTF8.self)
        call.observer.ended(
            Outcome(.invalid, httpStatus: 400),
            last: Array(#"{"jsonrpc":"2.0","id":\#(id),"error":{"code":-32602,"message":"bad","data":[1.0]}}"#.utf8))
        #expect(
            await stream.response()
                == #"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"bad","data":[1.0]}}"#)
    }

    @Test(
        "An exchange that ends without an answer, or with what is no JSON, is a protocol error",
        arguments: ["", "garbage"])
    func noAnswer(last: String) async throws {
        let backend = MemoryBackend(traits: [])
        let session = try await TestGateway(["alpha": backend]).session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha_echo"}}"#)
        let call = await backend.next("tools/call")
        call.observer.ended(.ok, last: Array(last.utf8))
        #expect(try #require(await stream.response()).contains(#""category":"protocol_error""#))
    }

    @Test("Chosen client headers reach the backend; one that the backend sets itself fails the call")
    func passthrough() async throws {
        let backend = MemoryBackend(traits: [.hasHeaders])
        let gateway = TestGateway(
            ["alpha": backend], passthroughHeaders: ["x-tenant", "x-key"], staticHeaders: ["x-key"])
        let session = try await gateway.session()
        let call = #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha_echo"}}"#
        let stream = try session.ask(call, headers: [Header("x-tenant", "t"), Header("x-other", "o")])
        let waiting = await backend.next("tools/call")
        #expect(waiting.context.headers.contains(Header("x-tenant", "t")))
        #expect(!waiting.context.headers.contains { $0.name == "x-other" })
        backend.answer(waiting, result: "{}")
        _ = await stream.response()
        let refused = try session.ask(call, headers: [Header("x-key", "k")])
        #expect(try #require(await refused.response()).contains("headerForward"))
    }
}
