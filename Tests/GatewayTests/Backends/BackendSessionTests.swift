import Testing

@testable import Gateway

@Suite("Sessions with backends", .timeLimit(.minutes(2)))
struct BackendSessionTests {
    private let call = #"{"jsonrpc":"2.0","id":%,"method":"tools/call","params":{"name":"b_echo"}}"#
    private func call(_ id: Int) -> String { call.replacing("%", with: "\(id)") }

    private let expired = Outcome(.notFound, notSent: true, sessionLost: true, httpStatus: 404)

    @Test("When one of several calls finds the session gone, each is sent again that did not run, and no other")
    func expiredUnderCalls() async throws {
        let backend = MemoryBackend(traits: [.hasHeaders])
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        let streams = try (1...3).map { try session.ask(call($0)) }
        var former: [MemoryBackend.Waiting] = []
        for _ in 1...3 { former.append(await backend.next("tools/call")) }
        for waiting in former[1...] {
            waiting.observer.ended(expired, last: [])
            let again = await backend.next("tools/call")
            #expect(again.session != waiting.session)
            backend.answer(again, result: "{}")
        }
        #expect(!backend.closed.contains(former[0].session))
        #expect(gateway.server.backend(named: "b")?.openSessions.contains { $0.number == former[0].session } == true)
        backend.answer(former[0], result: "{}")
        for (index, stream) in streams.enumerated() {
            #expect(await stream.response() == #"{"jsonrpc":"2.0","id":\#(index + 1),"result":{}}"#)
        }
        #expect(backend.methods.filter { $0 == "tools/call" }.count == 5)
        #expect(backend.closed == [former[0].session])
        #expect(gateway.server.backend(named: "b")?.openSessions.contains { $0.number == former[0].session } == false)
    }

    @Test(
        "A call of a session that is gone is held to its time, and fails when its link does", arguments: [true, false])
    func expiredAndSilent(isLate: Bool) async throws {
        let backend = MemoryBackend(traits: [.hasHeaders])
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        let silent = try session.ask(call(1))
        let waiting = await backend.next("tools/call")
        let refused = try session.ask(call(2))
        let second = await backend.next("tools/call")
        second.observer.ended(expired, last: [])
        backend.answer(await backend.next("tools/call"), result: "{}")
        #expect(await refused.response() == #"{"jsonrpc":"2.0","id":2,"result":{}}"#)
        if isLate {
            gateway.clock.advance(by: 30_001)
            await gateway.server.sweep()
        } else {
            backend.lose(waiting.session, Outcome(.unavailable, message: "gone"))
        }
        let failure = try #require(await silent.response())
        #expect(failure.contains(isLate ? #""category":"timeout""# : "gone"), "\(failure)")
        #expect(backend.closed == [waiting.session])
    }

    @Test("A session that a call lost is closed, so that the link forgets it")
    func closesLost() async throws {
        let backend = MemoryBackend(traits: [.hasHeaders])
        let session = try await TestGateway(["b": backend]).session()
        let stream = try session.ask(call(1))
        let first = await backend.next("tools/call")
        first.observer.ended(Outcome(.unavailable, sessionLost: true, message: "gone"), last: [])
        _ = await stream.response()
        #expect(backend.closed == [first.session])
    }

    @Test("No request overtakes notifications/initialized")
    func initializedFirst() async throws {
        let backend = MemoryBackend(traits: [])
        backend.set { $0.heldMethods = ["notifications/initialized"] }
        let gateway = TestGateway(["b": backend])
        let held = await backend.next("notifications/initialized")
        #expect(backend.methods == ["server/discover", "initialize", "notifications/initialized"])
        held.observer.ended(.ok, last: [])
        _ = try await gateway.session()
        #expect(backend.methods.contains("tools/list"))
    }

    @Test("A call that timed out in the link is cancelled at the backend; one that was never sent is not")
    func linkTimeout() async throws {
        let backend = MemoryBackend(traits: [])
        let session = try await TestGateway(["b": backend]).session()
        for (id, notSent) in [(1, true), (2, false)] {
            let stream = try session.ask(call(id))
            let waiting = await backend.next("tools/call")
            waiting.observer.ended(Outcome(.timeout, notSent: notSent), last: [])
            #expect(try #require(await stream.response()).contains(#""category":"timeout""#))
            #expect((backend.methods.last == "notifications/cancelled") == !notSent)
        }
    }

    @Test("An initialize without an answer is given up, not cancelled")
    func initializeTimeout() async throws {
        let backend = MemoryBackend()
        backend.set { $0.heldMethods = ["initialize"] }
        let gateway = TestGateway(["b": backend])
        _ = await backend.next("initialize")
        gateway.clock.advance(by: 60_000)
        await gateway.server.sweep()
        await gateway.server.keeper.firstRound()
        #expect(gateway.server.keeper.statuses.first?.category == "timeout")
        #expect(backend.methods == ["server/discover", "initialize"])
    }

    @Test("A stream that ends at once is opened again after growing pauses, and each time the lists are read once")
    func listening() async throws {
        let backend = MemoryBackend(listens: true)
        let gateway = TestGateway(["b": backend])
        _ = try await gateway.session()
        for (turn, pause) in [1_000, 2_000, 4_000].enumerated() as EnumeratedSequence<[UInt64]> {
            await backend.until { $0.listens.count == turn + 1 }
            backend.endListen(.ok)
            await gateway.clock.sleeper(pause)
            gateway.clock.advance(by: pause)
            await backend.until { state in state.received.filter { $0.method == "tools/list" }.count == turn + 2 }
        }
    }

    @Test("A backend without a stream is not asked again", arguments: [Outcome.Status.unsupported, .cancelled])
    func noStream(status: Outcome.Status) async throws {
        let backend = MemoryBackend(listens: true)
        let gateway = TestGateway(["b": backend])
        await backend.until { $0.listens.count == 1 }
        backend.endListen(Outcome(status))
        _ = try await gateway.session()
        gateway.clock.advance(by: 60_000)
        #expect(backend.methods.filter { $0 == "tools/list" }.count == 1)
    }

    @Test("The end of a session ends its stream")
    func streamEnds() async throws {
        let backend = MemoryBackend(traits: [], listens: true)
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        let stream = try session.ask(call(1))
        backend.answer(await backend.next("tools/call"), result: "{}")
        _ = await stream.response()
        await backend.until { $0.listens.count == 2 }
        await session.end()
        await backend.until { $0.cancelled.count == 1 && $0.closed.count == 1 }
    }
}
