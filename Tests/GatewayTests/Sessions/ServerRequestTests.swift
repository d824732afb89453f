import Gateway
import Testing

@Suite("Requests of backends to clients", .timeLimit(.minutes(2)))
struct ServerRequestTests {
    private static let everything =
        #"{"elicitation":{"form":{},"url":{}},"sampling":{"tools":{}},"roots":{"listChanged":true},"experimental":{"x":{}}}"#
    private static let call = #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo"}}"#

    private func asked(_ stream: RecordingStream, _ count: Int = 1) async throws -> JSONRPCMessage {
        try TestGateway.message(try #require(await stream.messages(count).last))
    }

    private func id(_ message: JSONRPCMessage) -> String {
        String(decoding: message.id?.bytes ?? [], as: UTF8.self)
    }

    @Test("A client's capabilities reach the backend exactly as declared, and only those it can be asked by")
    func declared() async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session(capabilities: Self.everything)
        let stream = try session.ask(Self.call)
        backend.answer(await backend.next("tools/call"), result: "{}")
        _ = await stream.response()
        let declared = backend.received.filter { $0.method == "initialize" }.map {
            String(decoding: $0.params?["capabilities"]?.bytes ?? [], as: UTF8.self)
        }
        #expect(
            declared == [
                "{}",
                #"{"elicitation":{"form":{},"url":{}},"sampling":{"tools":{}},"roots":{"listChanged":true}}"#,
            ])
    }

    @Test(
        "A request goes out on the stream of the call, its answer back under the backend's id",
        arguments: ["elicitation/create", "sampling/createMessage", "roots/list"], [true, false])
    func relayed(method: String, onCall: Bool) async throws {
        let backend = MemoryBackend(traits: onCall ? [] : [.shareable, .answersOnSession])
        let session = try await TestGateway(["b": backend]).session(capabilities: Self.everything)
        let stream = try session.ask(Self.call)
        let call = await backend.next("tools/call")
        let text = #"{"jsonrpc":"2.0","id":7,"method":"\#(method)","params":{"n":1.0,"z":9007199254740993}}"#
        if onCall { _ = call.observer.received(Array(text.utf8)) } else { backend.say(text, session: call.session) }
        let request = try await asked(stream)
        #expect(request.method == method)
        #expect(request.id?.string != nil)
        #expect(request.params.map { String(decoding: $0.bytes, as: UTF8.self) } == #"{"n":1.0,"z":9007199254740993}"#)
        session.accept(
            try TestGateway.message(#"{"id":\#(id(request)),"jsonrpc":"2.0","result":{"action":"accept","x":1.50}}"#))
        let answer = try #require(backend.received.last { $0.kind == .response })
        #expect(
            String(decoding: answer.json.bytes, as: UTF8.self)
                == #"{"id":7,"jsonrpc":"2.0","result":{"action":"accept","x":1.50}}"#)
        // A second answer finds nothing.
        session.accept(try TestGateway.message(#"{"jsonrpc":"2.0","id":\#(id(request)),"result":{}}"#))
        #expect(backend.received.filter { $0.kind == .response }.count == 1)
        backend.answer(call, result: "{}")
        #expect(await stream.response() == #"{"jsonrpc":"2.0","id":1,"result":{}}"#)
    }

    @Test("A client's error passes as that error")
    func clientError() async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session(capabilities: Self.everything)
        let stream = try session.ask(Self.call)
        let call = await backend.next("tools/call")
        backend.say(#"{"jsonrpc":"2.0","id":"s","method":"sampling/createMessage","params":{}}"#, session: call.session)
        let request = try await asked(stream)
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","id":\#(id(request)),"error":{"code":-1,"message":"User rejected","data":[1.0]}}"#))
        let answer = try #require(backend.received.last { $0.kind == .response })
        #expect(
            String(decoding: answer.json.bytes, as: UTF8.self)
                == #"{"jsonrpc":"2.0","id":"s","error":{"code":-1,"message":"User rejected","data":[1.0]}}"#)
    }

    @Test("What a client did not declare it is not asked", arguments: ["elicitation/create", "roots/list", "no/such"])
    func undeclared(method: String) async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session(capabilities: #"{"sampling":{}}"#)
        let stream = try session.ask(Self.call)
        let call = await backend.next("tools/call")
        backend.say(#"{"jsonrpc":"2.0","id":3,"method":"\#(method)"}"#, session: call.session)
        let answer = try #require(backend.received.last { $0.kind == .response })
        #expect(answer.error?["code"]?.integer == -32601)
        #expect(stream.sent.isEmpty)
    }

    @Test("Only the session that was asked can answer")
    func foreignAnswer() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session(capabilities: Self.everything)
        let other = try await gateway.session(capabilities: Self.everything)
        let stream = try session.ask(Self.call)
        let call = await backend.next("tools/call")
        backend.say(#"{"jsonrpc":"2.0","id":3,"method":"roots/list"}"#, session: call.session)
        let request = try await asked(stream)
        other.accept(try TestGateway.message(#"{"jsonrpc":"2.0","id":\#(id(request)),"result":{"roots":[]}}"#))
        #expect(!backend.received.contains { $0.kind == .response })
    }

    @Test("A request that the backend cancels is cancelled at the client, under the client's id")
    func cancelledByBackend() async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session(capabilities: Self.everything)
        let stream = try session.ask(Self.call)
        let call = await backend.next("tools/call")
        backend.say(#"{"jsonrpc":"2.0","id":3,"method":"elicitation/create","params":{}}"#, session: call.session)
        let request = try await asked(stream)
        backend.say(
            #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3}}"#, session: call.session)
        let notice = try await asked(stream, 2)
        #expect(notice.method == "notifications/cancelled")
        #expect(notice.params?["requestId"]?.array == request.id?.array)
        session.accept(try TestGateway.message(#"{"jsonrpc":"2.0","id":\#(id(request)),"result":{}}"#))
        #expect(!backend.received.contains { $0.kind == .response })
    }

    @Test("A call does not run out of time while its client is asked, but an answer that never comes does")
    func time() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session(capabilities: Self.everything)
        let stream = try session.ask(Self.call)
        let call = await backend.next("tools/call")
        #expect(call.context.idle == 0)
        backend.say(#"{"jsonrpc":"2.0","id":3,"method":"elicitation/create","params":{}}"#, session: call.session)
        _ = try await asked(stream)
        gateway.clock.advance(by: 599_999)
        await gateway.server.sweep()
        #expect(!backend.received.contains { $0.kind == .response })
        #expect(!stream.isClosed)
        gateway.clock.advance(by: 1)
        await gateway.server.sweep()
        let answer = try #require(backend.received.last { $0.kind == .response })
        #expect(answer.error?["message"]?.string == "the client gave no answer in time")
    }

    @Test("A client that goes leaves no backend waiting")
    func clientGone() async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session(capabilities: Self.everything)
        let stream = try session.ask(Self.call)
        let call = await backend.next("tools/call")
        backend.say(#"{"jsonrpc":"2.0","id":3,"method":"elicitation/create","params":{}}"#, session: call.session)
        _ = try await asked(stream)
        await session.end()
        let answer = try #require(backend.received.last { $0.kind == .response })
        #expect(answer.error?["message"]?.string == "the client's session has ended")
    }

    @Test("Outside a call the client is asked on its own stream, and not at all without one", arguments: [true, false])
    func outsideCalls(hasStream: Bool) async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session(capabilities: Self.everything)
        let first = try session.ask(Self.call)
        let call = await backend.next("tools/call")
        backend.answer(call, result: "{}")
        _ = await first.response()
        let events = RecordingStream()
        if hasStream { session.attach(events) }
        backend.say(#"{"jsonrpc":"2.0","id":3,"method":"roots/list"}"#, session: call.session)
        if hasStream {
            #expect(try await asked(events).method == "roots/list")
        } else {
            #expect(backend.received.last { $0.kind == .response }?.error?["code"]?.integer == -32601)
        }
    }

    @Test("Changed roots are told to backends that were offered roots")
    func rootsChanged() async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session(capabilities: Self.everything)
        let stream = try session.ask(Self.call)
        backend.answer(await backend.next("tools/call"), result: "{}")
        _ = await stream.response()
        session.accept(try TestGateway.message(#"{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}"#))
        #expect(backend.methods.last == "notifications/roots/list_changed")
    }
}
