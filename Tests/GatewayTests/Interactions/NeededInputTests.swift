import Testing

@testable import Gateway

@Suite("Clients with sessions and what backends of 2026-07-28 need from them", .timeLimit(.minutes(2)))
struct NeededInputTests {
    private static let everything =
        #"{"elicitation":{"form":{},"url":{}},"sampling":{"tools":{}},"roots":{}}"#
    private static let form = #"{"method":"elicitation/create","params":{"message":"m","n":1.0}}"#
    private static let url = #"{"method":"elicitation/create","params":{"mode":"url","url":"https://x","message":"m"}}"#

    /// A call of a client with a session, and the backend's side of it.
    private struct Call {
        let gateway: TestGateway
        let backend: MemoryBackend
        let session: any ClientSession
        let stream: RecordingStream

        init(
            revision: String = "2025-11-25", capabilities: String = NeededInputTests.everything,
            limits: InteractionLimits = InteractionLimits(), backend: MemoryBackend = .modern()
        ) async throws {
            self.backend = backend
            gateway = TestGateway(["b": backend], interactions: limits)
            session = try await gateway.session(revision: revision, capabilities: capabilities)
            stream = try session.ask(
                #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo","arguments":{"a":1.0}}}"#)
        }

        /// The next attempt of the call.
        func attempt() async -> MemoryBackend.Waiting { await backend.next("tools/call") }

        /// The backend needs input for the next attempt.
        func need(_ requests: String, state: String = #""s\"1""#) async {
            backend.answer(
                await attempt(),
                result: #"{"resultType":"input_required","requestState":\#(state),"inputRequests":{\#(requests)}}"#)
        }

        /// The message with this number on the call's stream.
        func message(_ number: Int) async throws -> JSONRPCMessage {
            try TestGateway.message(await stream.messages(number)[number - 1])
        }

        /// The client answers a request of ours.
        func answer(_ request: JSONRPCMessage, _ end: String) throws {
            let id = String(decoding: request.id?.bytes ?? [], as: UTF8.self)
            session.accept(try TestGateway.message(#"{"jsonrpc":"2.0","id":\#(id),\#(end)}"#))
        }

        /// Ends the call well, and checks that nothing is left of it.
        func end(_ waiting: MemoryBackend.Waiting) async {
            backend.answer(waiting, result: #"{"content":[]}"#)
            #expect(await stream.response() == #"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#)
            #expect(gateway.server.serverRequests.count == 0)
        }
    }

    @Test("Input requests reach the client in parallel; with all answers the call is sent again, with the exact state")
    func round() async throws {
        let call = try await Call()
        await call.need(#""k é":\#(Self.form),"r":{"method":"roots/list"}"#)
        let (form, roots) = (try await call.message(1), try await call.message(2))
        #expect(form.method == "elicitation/create" && roots.method == "roots/list" && roots.params == nil)
        #expect(form.params.map { String(decoding: $0.bytes, as: UTF8.self) } == #"{"message":"m","n":1.0}"#)
        try call.answer(roots, #""result":{"roots":[]}"#)
        #expect(call.backend.methods.count { $0 == "tools/call" } == 1)
        try call.answer(form, #""result":{"action":"accept","content":{"x":1.50}}"#)
        let second = await call.attempt()
        #expect(
            second.ownParams
                == #"{"inputResponses":{"r":{"roots":[]},"k é":{"action":"accept","content":{"x":1.50}}},"requestState":"s\"1","name":"echo","arguments":{"a":1.0}}"#
        )
        await call.end(second)
    }

    @Test("What a backend of an earlier revision answers passes untouched, whatever it is called")
    func earlier() async throws {
        let call = try await Call(backend: MemoryBackend(traits: [.shareable]))
        let result = #"{"resultType":"input_required","requestState":"s","ttlMs":1,"structuredContent":[1.0]}"#
        call.backend.answer(await call.attempt(), result: result)
        #expect(await call.stream.response() == #"{"jsonrpc":"2.0","id":1,"result":\#(result)}"#)
    }

    @Test("Rounds follow each other, each with its own state, up to the limit")
    func rounds() async throws {
        var limits = InteractionLimits()
        limits.rounds = 2
        let call = try await Call(limits: limits)
        for number in 1...2 {
            await call.need(#""k":\#(Self.form)"#, state: "\"\(number)\"")
            try call.answer(try await call.message(number), #""result":{"action":"decline"}"#)
        }
        let third = await call.attempt()
        #expect(third.message.params?["requestState"]?.string == "2")
        call.backend.answer(third, result: #"{"resultType":"input_required","inputRequests":{"k":\#(Self.form)}}"#)
        #expect(await call.stream.response()?.contains("asked more than 2 rounds") == true)
    }

    @Test("Only state: sent again after a pause that grows, until the time is over")
    func stateOnly() async throws {
        var limits = InteractionLimits()
        limits.answerTime = 10_000
        let call = try await Call(limits: limits)
        for pause: UInt64 in [100, 200, 400] {
            await call.need("")
            await call.gateway.clock.sleeper(pause)
            call.gateway.clock.advance(by: pause)
        }
        let last = await call.attempt()
        #expect(last.ownParams == #"{"requestState":"s\"1","name":"echo","arguments":{"a":1.0}}"#)
        call.gateway.clock.advance(by: 9_300)
        call.backend.answer(last, result: #"{"resultType":"input_required","requestState":"t"}"#)
        #expect(await call.stream.response()?.contains("has not happened in time") == true)
    }

    @Test("An error for an elicitation is its cancellation, one for anything else ends the call with that error")
    func errors() async throws {
        let call = try await Call()
        await call.need(#""k":\#(Self.form)"#)
        try call.answer(try await call.message(1), #""error":{"code":-32600,"message":"no"}"#)
        await call.need(
            #""s":{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}},"k":\#(Self.form)"#)
        let sampling = try await call.message(2)
        let form = try await call.message(3)
        try call.answer(sampling, #""error":{"code":-1,"message":"rejected","data":1.0}"#)
        #expect(
            await call.stream.response()
                == #"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"rejected","data":1.0}}"#)
        let withdrawn = try await call.message(4)
        #expect(withdrawn.method == "notifications/cancelled")
        #expect(withdrawn.params?["requestId"]?.array == form.id?.array)
        let second = call.backend.received.filter { $0.method == "tools/call" }[1]
        #expect(
            second.params?["inputResponses"].map { String(decoding: $0.bytes, as: UTF8.self) }
                == #"{"k":{"action":"cancel"}}"#)
        #expect(call.gateway.server.serverRequests.count == 0)
    }

    @Test(
        "What is not answered in time: an elicitation is cancelled, anything else ends the call",
        arguments: [true, false])
    func time(isElicitation: Bool) async throws {
        let call = try await Call()
        await call.need(isElicitation ? #""k":\#(Self.form)"# : #""r":{"method":"roots/list"}"#)
        _ = try await call.message(1)
        call.gateway.clock.advance(by: 600_000)
        await call.gateway.server.sweep()
        if isElicitation {
            let second = await call.attempt()
            #expect(second.ownParams.contains(#""k":{"action":"cancel"}"#))
            await call.end(second)
        } else {
            #expect(await call.stream.response()?.contains("the client gave no answer in time") == true)
        }
    }

    @Test("A URL gets an id for the client; accepted, it is not asked for again, and its completion is told")
    func urls() async throws {
        let call = try await Call()
        await call.need(#""u":\#(Self.url)"#)
        let asked = try await call.message(1)
        let id = try #require(asked.params?["elicitationId"]?.string)
        try call.answer(asked, #""result":{"action":"accept"}"#)
        let second = await call.attempt()
        #expect(second.ownParams.contains(#""inputResponses":{"u":{"action":"accept"}}"#))
        call.backend.answer(
            second, result: #"{"resultType":"input_required","requestState":"2","inputRequests":{"u":\#(Self.url)}}"#)
        await call.gateway.clock.sleeper(100)
        #expect(call.stream.sent.count == 1)
        call.gateway.clock.advance(by: 100)
        let third = await call.attempt()
        #expect(third.ownParams.contains(#""inputResponses":{"u":{"action":"accept"}},"requestState":"2""#))
        call.backend.answer(
            third, result: #"{"resultType":"input_required","inputRequests":{"r":{"method":"roots/list"}}}"#)
        let complete = try await call.message(2)
        #expect(complete.method == "notifications/elicitation/complete")
        #expect(complete.params?["elicitationId"]?.string == id)
        try call.answer(try await call.message(3), #""result":{"roots":[]}"#)
        await call.end(await call.attempt())
    }

    @Test("The completion of a URL is told before the answer that it led to, and a declined one is none")
    func urlThenAnswer() async throws {
        let call = try await Call()
        await call.need(#""u":\#(Self.url),"v":\#(Self.url.replacing("https://x", with: "https://y"))"#)
        let (one, two) = (try await call.message(1), try await call.message(2))
        try call.answer(one, #""result":{"action":"accept"}"#)
        try call.answer(two, #""result":{"action":"decline"}"#)
        await call.end(await call.attempt())
        #expect(call.stream.sent.count == 3)
        #expect(try await call.message(3).params?["elicitationId"]?.array == one.params?["elicitationId"]?.array)
    }

    @Test(
        "What the client did not declare never reaches it",
        arguments: [
            (#"{"elicitation":{}}"#, url),
            (#"{"sampling":{}}"#, #"{"method":"sampling/createMessage","params":{"tools":[]}}"#),
            ("{}", form), (everything, #"{"method":"tools/call"}"#),
        ])
    func undeclared(_ capabilities: String, _ request: String) async throws {
        let call = try await Call(capabilities: capabilities)
        await call.need(#""k":\#(request)"#)
        #expect(await call.stream.response()?.contains("protocol_error") == true)
        #expect(call.stream.sent.isEmpty)
    }

    @Test("Clients of 2025-06-18 get choices as enum with names, and are not asked to choose several")
    func older() async throws {
        let call = try await Call(revision: "2025-06-18", capabilities: #"{"elicitation":{}}"#)
        let choice =
            #"{"type":"string","title":"t","oneOf":[{"const":"a","title":"A é"},{"const":"b"}],"default":"a"}"#
        let properties = #"{"c":\#(choice),"b":{"type":"boolean","default":true},"n":{"type":"number","default":1.0}}"#
        let several = #"{"s":{"type":"array","items":{"enum":["a"]}}}"#
        func elicitation(_ properties: String) -> String {
            #"{"method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object","properties":\#(properties)}}}"#
        }
        await call.need(#""k":\#(elicitation(properties)),"s":\#(elicitation(several))"#)
        let request = try await call.message(1)
        #expect(
            request.params?["requestedSchema"]?["properties"].map { String(decoding: $0.bytes, as: UTF8.self) }
                == #"{"c":{"type":"string","title":"t","enum":["a","b"],"enumNames":["A é","b"]},"b":{"type":"boolean","default":true},"n":{"type":"number"}}"#
        )
        try call.answer(request, #""result":{"action":"accept","content":{}}"#)
        let second = await call.attempt()
        #expect(second.ownParams.contains(#""s":{"action":"cancel"}"#))
        #expect(call.stream.sent.count == 1)
        await call.end(second)
    }

    @Test("A client that cancels during a round is asked nothing more, and the call is not sent again")
    func cancelled() async throws {
        let call = try await Call()
        await call.need(#""k":\#(Self.form)"#)
        let request = try await call.message(1)
        call.session.accept(
            try TestGateway.message(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#))
        #expect(try await call.message(2).params?["requestId"]?.array == request.id?.array)
        try call.answer(request, #""result":{"action":"accept"}"#)
        #expect(call.gateway.server.serverRequests.count == 0)
        #expect(call.backend.methods.count { $0 == "tools/call" } == 1)
    }

    @Test("A session that ends during a round leaves nothing behind")
    func sessionEnd() async throws {
        let call = try await Call()
        await call.need(#""k":\#(Self.form)"#)
        _ = try await call.message(1)
        await call.session.end()
        #expect(await call.stream.response() == nil)
        #expect(call.gateway.server.serverRequests.count == 0)
        #expect(call.backend.methods.count { $0 == "tools/call" } == 1)
    }
}
