import Testing

@testable import Gateway

@Suite("2026-07-28: input that backends need before they serve a call", .timeLimit(.minutes(2)))
struct RelayedStateTests {
    private static let needed =
        #"{"resultType":"input_required","requestState":"é\"s","inputRequests":{"k é":{"method":"elicitation/create","params":{"message":"m","n":1.0}},"r":{"method":"roots/list"}},"x":[1.50],"_meta":{"v":1.0,"io.modelcontextprotocol/serverInfo":{}}}"#

    private func call(
        _ limits: InteractionLimits = InteractionLimits(), _ backend: MemoryBackend = .modern()
    ) async throws -> AskingCall {
        try await AskingCall(TestGateway(["a": backend], interactions: limits), backend)
    }

    @Test("The requests of a modern backend pass as they are, its state inside one of ours and back unchanged")
    func relayed() async throws {
        let call = try await call()
        call.backend.answer(call.call, result: Self.needed)
        let round = try await call.round(call.first)
        let original = try JSONSlice(validating: Array(Self.needed.utf8))
        #expect(round.requests.array == original["inputRequests"]?.array)
        #expect(round.result["x"]?.array == original["x"]?.array)
        #expect(
            round.result["_meta"].map { String(decoding: $0.bytes, as: UTF8.self) }
                == #"{\#(TestGateway.serverInfo),"v":1.0}"#)
        #expect(!round.state.contains("s\""))
        let retry = try await call.retry(round.state, #"{"r":{"roots":[]},"k é":{"action":"accept","n":1.0}}"#)
        let second = await call.backend.next("tools/call")
        #expect(second.id != call.call.id)
        #expect(
            second.ownParams
                == #"{"inputResponses":{"r":{"roots":[]},"k é":{"action":"accept","n":1.0}},"name":"echo","requestState":"é\"s"}"#
        )
        call.backend.answer(second, result: #"{"content":[]}"#)
        #expect(await retry.text().contains("complete"))
        #expect(call.gateway.server.stateless.parked.count == 0 && call.gateway.server.stateless.pool.leases == 0)
    }

    @Test("Only state: passed on without requests; no state: none comes back", arguments: [true, false])
    func parts(hasState: Bool) async throws {
        let call = try await call()
        let part = hasState ? #""requestState":"s""# : #""inputRequests":{"r":{"method":"roots/list"}}"#
        call.backend.answer(call.call, result: #"{"resultType":"input_required",\#(part)}"#)
        let result = try #require(try await call.first.response()["result"])
        #expect((result["inputRequests"] == nil) == hasState)
        let state = try #require(result["requestState"]?.string)
        let retry = try await call.retry(state, #"{"r":{"roots":[]}}"#)
        let second = await call.backend.next("tools/call")
        #expect(second.message.params?["requestState"]?.string == (hasState ? "s" : nil))
        #expect(second.message.params?["inputResponses"] != nil)
        retry.cancel()
    }

    @Test("What the client did not declare it is not asked: the call needs the capability")
    func undeclared() async throws {
        let backend = MemoryBackend.modern()
        let call = try await AskingCall(
            TestGateway(["a": backend]), backend, capabilities: #"{"elicitation":{},"sampling":{}}"#)
        backend.answer(
            call.call,
            result:
                #"{"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":{"mode":"url"}},"b":{"method":"sampling/createMessage","params":{"tools":[]}},"c":{"method":"elicitation/create"}}}"#
        )
        let error = try await call.first.response()["error"]
        #expect(call.first.code == -32021)
        #expect(
            error?["data"].map { String(decoding: $0.bytes, as: UTF8.self) }
                == #"{"requiredCapabilities":{"elicitation":{"url":{}},"sampling":{"tools":{}}}}"#)
    }

    @Test("A result of a backend of an earlier revision is complete, whatever members it happens to have")
    func earlier() async throws {
        let call = try await call(InteractionLimits(), MemoryBackend(traits: [.shareable]))
        call.backend.answer(call.call, result: #"{"resultType":"input_required","requestState":"s","content":[]}"#)
        #expect(
            await call.first.text()
                == #"{"jsonrpc":"2.0","id":1,"result":{"_meta":{\#(TestGateway.serverInfo)},"resultType":"complete","requestState":"s","content":[]}}"#
        )
    }

    @Test(
        "What is no input request of this revision breaks the call",
        arguments: [#"{"a":{"method":"ping"}}"#, #"{"a":1}"#])
    func malformed(requests: String) async throws {
        let call = try await call()
        call.backend.answer(call.call, result: #"{"resultType":"input_required","inputRequests":\#(requests)}"#)
        #expect(await call.first.text().contains("protocol_error"))
    }

    @Test("A state for one backend is of no use with another, and rounds have a limit")
    func bounds() async throws {
        var limits = InteractionLimits()
        limits.rounds = 2
        let call = try await call(limits)
        call.backend.answer(call.call, result: Self.needed)
        let state = try await call.round(call.first).state
        let second = try await call.retry(state, "{}")
        call.backend.answer(await call.backend.next("tools/call"), result: Self.needed)
        let third = try await call.retry(try await call.round(second).state, "{}")
        call.backend.answer(await call.backend.next("tools/call"), result: Self.needed)
        #expect(await third.text().contains("asked more than 2 rounds of questions in one call"))
        let seal = call.gateway.server.stateless.seal
        let binding = SealedState.Binding(
            principal: .anonymous, method: "tools/call",
            params: ParamsDigest.of(try JSONSlice(validating: Array(#"{"name":"a_echo"}"#.utf8))))
        let foreign = seal.seal(
            SealedState(
                purpose: .relayed(backend: "b", state: nil), binding: binding, round: 1, expiry: seal.time() + 1))
        let answer = try await call.retry(String(decoding: foreign.dropFirst().dropLast(), as: UTF8.self), "{}")
        #expect(await answer.text().contains("of another backend"))
    }

    @Test("The members of a retry in a request that is none do not reach a backend")
    func stray() async throws {
        let backend = MemoryBackend(traits: [.shareable])
        let gateway = TestGateway(["a": backend])
        let answer = try await gateway.post("tools/call", #""name":"a_echo","inputResponses":{"q1":{}}"#)
        let call = await backend.next("tools/call")
        #expect(call.message.params?["inputResponses"] == nil)
        answer.cancel()
    }

    private static let urls =
        #"{"code":-32042,"message":"go","data":{"elicitations":[{"mode":"url","elicitationId":"e","url":"https://x/1","message":"m"},{"mode":"url","elicitationId":"f","url":"https://x/2","message":"n"}]}}"#

    private func fail(_ call: AskingCall, _ waiting: MemoryBackend.Waiting) {
        call.backend.push(
            waiting, #"{"jsonrpc":"2.0","id":\#(String(decoding: waiting.id, as: UTF8.self)),"error":\#(Self.urls)}"#)
    }

    @Test("A backend of 2025-11-25 that needs the user at URLs: the client opens them, and the call is sent again")
    func urls() async throws {
        let call = try await call(InteractionLimits(), MemoryBackend(traits: [.shareable]))
        fail(call, call.call)
        let round = try await call.round(call.first)
        #expect(
            String(decoding: round.requests.bytes, as: UTF8.self)
                == #"{"q1":{"method":"elicitation/create","params":{"mode":"url","url":"https://x/1","message":"m"}},"q2":{"method":"elicitation/create","params":{"mode":"url","url":"https://x/2","message":"n"}}}"#
        )
        let retry = try await call.retry(round.state, #"{"q1":{"action":"accept"},"q2":{"action":"accept"}}"#)
        let second = await call.backend.next("tools/call")
        #expect(
            second.message.params.map { String(decoding: $0.bytes, as: UTF8.self) } == #"{"name":"echo","_meta":{}}"#)
        call.backend.answer(second, result: "{}")
        #expect(await retry.text().contains("complete"))
        let declined = try await call.retry(round.state, #"{"q1":{"action":"decline"}}"#)
        #expect(await declined.text().contains("the user did not open"))
        #expect(call.backend.methods.count { $0 == "tools/call" } == 2)
    }

    @Test("A client that cannot open URLs is told that it would have to")
    func noURLs() async throws {
        let backend = MemoryBackend(traits: [.shareable])
        let call = try await AskingCall(TestGateway(["a": backend]), backend, capabilities: #"{"elicitation":{}}"#)
        fail(call, call.call)
        _ = await call.first.text()
        #expect(call.first.code == -32021)
    }
}
