import Testing

@testable import Gateway

@Suite("2026-07-28: calls that wait for answers of their client", .timeLimit(.minutes(2)))
struct ParkedCallTests {
    private static let accept = #"{"q1":{"action":"accept","content":{"n":1.50}}}"#

    private func asking(
        _ limits: InteractionLimits = InteractionLimits(), capabilities: String = AskingCall.everything,
        meta: String = "", principal: Principal = .anonymous, traits: BackendTraits = [.shareable]
    ) async throws -> AskingCall {
        let backend = MemoryBackend(traits: traits)
        return try await AskingCall(
            TestGateway(["a": backend], interactions: limits), backend, capabilities: capabilities, meta: meta,
            principal: principal)
    }

    /// Returns when nothing is left of a call: the gateway's own sweep may be at it still.
    private func expectNothingLeft(_ call: AskingCall) async {
        let stateless = call.gateway.server.stateless
        while stateless.parked.count != 0 || stateless.pool.leases != 0 { await Task.yield() }
    }

    @Test("What a client declared is declared to the backend, on a session of its own")
    func declared() async throws {
        let call = try await asking(capabilities: #"{"sampling":{},"elicitation":{"url":{}},"extensions":{}}"#)
        let declared = call.backend.received.filter { $0.method == "initialize" }.map {
            String(decoding: $0.params?["capabilities"]?.bytes ?? [], as: UTF8.self)
        }
        #expect(declared == ["{}", #"{"elicitation":{"url":{}},"sampling":{}}"#])
        call.first.cancel()
    }

    @Test(
        "A question becomes an input-required answer, the retry its answer, and the result goes to the retry",
        arguments: [true, false])
    func oneRound(onCall: Bool) async throws {
        let call = try await asking(traits: onCall ? [.shareable] : [.shareable, .answersOnSession])
        call.ask(#""b7""#, onCall: onCall)
        await call.gathered()
        let round = try await call.round(call.first)
        #expect(
            String(decoding: round.requests.bytes, as: UTF8.self)
                == #"{"q1":{"method":"elicitation/create","params":{"message":"m","requestedSchema":{}}}}"#)
        #expect(round.result["ttlMs"] == nil && round.result["_meta"]?["io.modelcontextprotocol/serverInfo"] != nil)
        #expect(call.gateway.server.stateless.parked.count == 1)
        let retry = try await call.retry(round.state, Self.accept)
        #expect(call.answers == [#"{"jsonrpc":"2.0","id":"b7","result":{"action":"accept","content":{"n":1.50}}}"#])
        call.backend.answer(call.call, result: #"{"content":[],"x":1.0}"#)
        #expect(
            await retry.text()
                == #"{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","_meta":{\#(TestGateway.serverInfo)},"content":[],"x":1.0}}"#
        )
        #expect(call.backend.methods.count { $0 == "tools/call" } == 1)
        await expectNothingLeft(call)
    }

    @Test("Questions that come close together share a round; later ones make the next; each is answered under its id")
    func rounds() async throws {
        let call = try await asking()
        call.ask("1")
        call.ask("2", #""method":"roots/list""#)
        await call.gathered()
        let first = try await call.round(call.first)
        #expect(first.requests.members.map(\.key) == ["q1", "q2"])
        #expect(first.requests["q2"]?["method"]?.string == "roots/list")
        // Asked while nobody is there: in the next round.
        call.ask("3", #""method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}"#)
        let second = try await call.retry(first.state, #"{"q2":{"roots":[]},"q1":{"action":"decline"},"zzz":{"k":1}}"#)
        #expect(
            call.answers == [
                #"{"jsonrpc":"2.0","id":1,"result":{"action":"decline"}}"#,
                #"{"jsonrpc":"2.0","id":2,"result":{"roots":[]}}"#,
            ])
        await call.gathered()
        let round = try await call.round(second)
        #expect(round.requests.members.map(\.key) == ["q3"] && round.state != first.state)
        let third = try await call.retry(
            round.state, #"{"q3":{"role":"assistant","model":"m","content":{"type":"text","text":"t"}}}"#, id: #""z""#)
        call.backend.answer(call.call, result: "{}")
        #expect(await third.text().hasPrefix(#"{"jsonrpc":"2.0","id":"z","result":{"resultType":"complete""#))
        await expectNothingLeft(call)
    }

    @Test("What a retry leaves out is asked again")
    func missing() async throws {
        let call = try await asking()
        call.ask("1")
        call.ask("2")
        await call.gathered()
        let retry = try await call.retry(try await call.round(call.first).state, #"{"q2":{"action":"cancel"}}"#)
        #expect(call.answers.count == 1)
        await call.gathered()
        #expect(try await call.round(retry).requests.members.map(\.key) == ["q1"])
        await call.gateway.server.stop()
    }

    @Test(
        "Malformed answers are refused, and the call waits on",
        arguments: [
            "[]", #""q1""#, "null", #"{"q1":[]}"#, #"{"q1":{"action":"maybe"}}"#, #"{"q1":{}}"#,
            #"{"other":1,"q1":{"action":"accept"}}"#,
        ])
    func malformed(responses: String) async throws {
        let call = try await asking()
        let state = try await call.oneRound()
        let retry = try await call.retry(state, responses)
        _ = await retry.text()
        #expect(retry.code == -32602 && call.answers.isEmpty)
        let good = try await call.retry(state, Self.accept)
        call.backend.answer(call.call, result: "{}")
        #expect(await good.text().contains("complete"))
        await expectNothingLeft(call)
    }

    @Test("A round is answered once: of two retries at once one goes on, and a replay is refused")
    func replay() async throws {
        let call = try await asking()
        let state = try await call.oneRound()
        async let one = call.retry(state, Self.accept, id: "2")
        async let two = call.retry(state, Self.accept, id: "3")
        let retries = try await [one, two]
        let refused = try #require(retries.first { $0.code != nil })
        let refusedText = await refused.text()
        #expect(refused.code == -32602 && refusedText.contains("used already"))
        #expect(call.answers.count == 1)
        call.backend.answer(call.call, result: "{}")
        let served = try #require(retries.first { $0 !== refused })
        #expect(await served.text().contains("complete"))
        let late = try await call.retry(state, Self.accept)
        let lateText = await late.text()
        #expect(late.code == -32602 && lateText.contains("is over"))
        await expectNothingLeft(call)
    }

    @Test("A state of another caller, method, params or instance is refused, and the call waits on")
    func foreign() async throws {
        let call = try await asking()
        let state = try await call.oneRound()
        let (other, prompts) = (Principal(issuer: "i", subject: "s"), "prompts/get")
        let stranger = try await call.retry(state, Self.accept, principal: other)
        let elsewhere = try await call.retry(state, Self.accept, method: prompts)
        let changed = try await call.retry(state, Self.accept, name: "a_other")
        let broken = try await call.retry("AAAA" + state.dropFirst(4), Self.accept)
        for (answer, text) in [
            (stranger, "another caller"), (elsewhere, "another method"), (changed, "other params"),
            (broken, "none that this gateway issued"),
        ] {
            let answerText = await answer.text()
            #expect(answer.code == -32602 && answerText.contains(text))
        }
        let retry = try await call.retry(state, Self.accept)
        call.backend.answer(call.call, result: "{}")
        #expect(await retry.text().contains("complete"))
    }

    @Test("Another instance with the same key says that the call waits elsewhere")
    func otherInstance() async throws {
        let key = try StateKey(base64: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        let (one, two) = (MemoryBackend(traits: []), MemoryBackend(traits: []))
        let call = try await AskingCall(TestGateway(["a": one], stateKey: key), one)
        let state = try await call.oneRound()
        let answer = try await TestGateway(["a": two], stateKey: key).post(
            "tools/call", #""name":"a_echo","inputResponses":{},"requestState":"\#(state)""#)
        let answerText = await answer.text()
        #expect(answer.code == -32602 && answerText.contains("another instance"))
        await call.gateway.server.stop()
    }

    @Test("A client that never comes back: the backend gets errors and a cancellation, a late retry is refused")
    func expiry() async throws {
        let call = try await asking()
        let state = try await call.oneRound()
        call.gateway.clock.advance(by: 599_999)
        await call.gateway.server.sweep()
        #expect(call.gateway.server.stateless.parked.count == 1 && call.answers.isEmpty)
        call.gateway.clock.advance(by: 1)
        await call.gateway.server.sweep()
        await expectNothingLeft(call)
        #expect(call.answers.count == 1 && call.answers[0].contains(#""id":5,"error":{"code":-32603"#))
        #expect(await call.cancellation() == call.call.id)
        let late = try await call.retry(state, Self.accept)
        let lateText = await late.text()
        #expect(late.code == -32602 && lateText.contains("has expired"))
    }

    @Test("The call's time does not run while its client is asked, and runs on after the retry")
    func time() async throws {
        let call = try await asking()
        #expect(call.call.context.idle == 0 && call.call.context.deadline == 0)
        await call.gateway.server.sweep()
        let state = try await call.oneRound()
        for _ in 0..<5 {
            call.gateway.clock.advance(by: 100_000)
            await call.gateway.server.sweep()
        }
        let retry = try await call.retry(state, Self.accept)
        call.gateway.clock.advance(by: 30_001)
        await call.gateway.server.sweep()
        #expect(try await retry.response()["result"]?["_meta"]?["vmcp.dev/error"]?["category"]?.string == "timeout")
        await expectNothingLeft(call)
    }

    @Test(
        "However the backend ends a parked call, the retry hears of it",
        arguments: [
            (#""result":{"content":[]}"#, "complete"), (#""error":{"code":-32602,"message":"no"}"#, #""code":-32602"#),
            ("", "isError"),
        ])
    func kept(_ end: String, _ expected: String) async throws {
        let call = try await asking()
        let state = try await call.oneRound()
        if end.isEmpty {
            call.call.observer.ended(Outcome(.unavailable, sessionLost: true, message: "died"), last: [])
        } else {
            call.backend.push(
                call.call, #"{"jsonrpc":"2.0","id":\#(String(decoding: call.call.id, as: UTF8.self)),\#(end)}"#)
        }
        #expect(call.gateway.server.stateless.pool.leases == 0)
        #expect(call.gateway.server.stateless.parked.count == 1)
        let retry = try await call.retry(state, Self.accept)
        #expect(await retry.text().contains(expected))
        #expect(call.answers.isEmpty)
        await expectNothingLeft(call)
    }

    @Test("A question that the backend takes back needs no answer")
    func withdrawn() async throws {
        let call = try await asking()
        let state = try await call.oneRound()
        let notice = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}"#
        call.backend.say(notice, session: call.call.session)
        let retry = try await call.retry(state, Self.accept)
        #expect(call.answers.isEmpty)
        call.backend.answer(call.call, result: "{}")
        #expect(await retry.text().contains("complete"))
        await expectNothingLeft(call)
    }

    @Test("A client that goes before its answer cancels the call; one that has its answer does not; a retry again does")
    func cancellation() async throws {
        let call = try await asking()
        let state = try await call.oneRound()
        call.first.cancel()
        #expect(call.cancelled.isEmpty && call.gateway.server.stateless.parked.count == 1)
        call.ask("6")
        let retry = try await call.retry(state, Self.accept)
        call.first.cancel()
        #expect(call.cancelled.isEmpty)
        retry.cancel()
        #expect(await call.cancellation() == call.call.id)
        #expect(call.answers.last?.contains(#""id":6,"error""#) == true)
        await expectNothingLeft(call)
    }

    @Test("Progress carries the token of the request that waits, log messages its level; between two there are none")
    func notifications() async throws {
        let call = try await asking(meta: #","progressToken":"one""#)
        let token = try #require(call.call.message.params?["_meta"]?["progressToken"]?.integer)
        func notify(_ progress: Int) {
            for (kind, params) in [
                ("progress", #""progressToken":\#(token),"progress":\#(progress)"#),
                ("message", #""level":"info","data":\#(progress)"#),
            ] {
                let text = #"{"jsonrpc":"2.0","method":"notifications/\#(kind)","params":{\#(params)}}"#
                _ = call.call.observer.received(Array(text.utf8))
            }
        }
        notify(1)
        let state = try await call.oneRound()
        notify(2)
        let retry = try await call.retry(
            state, Self.accept, meta: #","progressToken":2,"io.modelcontextprotocol/logLevel":"info""#)
        notify(3)
        #expect(
            call.first.sent == [
                #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"one","progress":1}}"#
            ])
        #expect(
            retry.sent == [
                #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":3}}"#,
                #"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":3}}"#,
            ])
        retry.cancel()
    }

    @Test("The limits of parked calls and of rounds end a call with an error that says so")
    func limits() async throws {
        var limits = InteractionLimits()
        (limits.parkedCalls, limits.parkedCallsPerPrincipal, limits.rounds) = (2, 1, 1)
        let call = try await asking(limits)
        let state = try await call.oneRound()
        let second = try await AskingCall(call.gateway, call.backend)
        second.ask("1")
        let secondText = await second.first.text()
        #expect(secondText.contains("the caller has 1 calls that wait for answers, the most it may"))
        #expect(secondText.contains("(operational.limits.parkedCallsPerPrincipal)"))
        #expect(await second.cancellation() == second.call.id)
        let another = try await AskingCall(
            call.gateway, call.backend, principal: Principal(issuer: "i", subject: "1"))
        _ = try await another.oneRound()
        let third = try await AskingCall(call.gateway, call.backend, principal: Principal(issuer: "i", subject: "2"))
        third.ask("1")
        let thirdText = await third.first.text()
        #expect(thirdText.contains("the gateway has 2 calls that wait for answers, its most"))
        #expect(thirdText.contains("(operational.limits.parkedCalls)"))
        let retry = try await call.retry(state, Self.accept)
        call.ask("6")
        await call.gathered()
        let retryText = await retry.text()
        #expect(retryText.contains("asked more than 1 rounds of questions in one call"))
        #expect(retryText.contains("(operational.limits.roundsPerCall)"))
        #expect(call.gateway.server.stateless.parked.count == 1)
        await call.gateway.server.stop()
        await expectNothingLeft(call)
    }

    @Test("The end of the gateway releases what is parked")
    func stop() async throws {
        let call = try await asking()
        let state = try await call.oneRound()
        await call.gateway.server.stop()
        #expect(call.answers.count == 1 && call.answers[0].contains("the gateway ends"))
        // Told that the request is cancelled, unless the end comes while it is still being sent.
        let session = call.call.session
        await call.backend.until { $0.closed.contains(session) }
        #expect(call.cancelled.isEmpty || call.cancelled == [call.call.id])
        #expect(call.gateway.server.stateless.parked.count == 0)
        let late = try await call.retry(state, Self.accept)
        #expect(late.code == -32602)
    }

    @Test("Answer and expiry at once: the backend hears one of them, and nothing is left", arguments: 0..<20)
    func race(_: Int) async throws {
        let call = try await asking()
        let state = try await call.oneRound()
        let until = call.gateway.clock.clock.now() + 600_000
        let parked = call.gateway.server.stateless.parked
        async let swept: Void = parked.sweep(now: until)
        let retry = try await call.retry(state, Self.accept)
        await swept
        #expect(call.answers.count == 1)
        if retry.code == nil { retry.cancel() }
        await expectNothingLeft(call)
    }

    @Test(
        "Calls that can be asked on no stream of theirs have sessions of their own, which are used again",
        arguments: [[.shareable, .answersOnSession], [.hasHeaders]] as [BackendTraits])
    func lanes(traits: BackendTraits) async throws {
        let call = try await asking(traits: traits)
        let second = try await AskingCall(call.gateway, call.backend)
        #expect(call.call.session != second.call.session)
        second.ask("5", onCall: false)
        await second.gathered()
        #expect(try await second.round(second.first).requests.members.count == 1)
        call.backend.answer(call.call, result: "{}")
        _ = await call.first.text()
        let third = try await AskingCall(call.gateway, call.backend)
        #expect(third.call.session == call.call.session)
        await call.gateway.server.stop()
    }
}
