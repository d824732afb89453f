import Gateway
import Testing

@Suite("Subscriptions to resources", .timeLimit(.minutes(2)))
struct SubscriptionTests {
    private let lists = [
        "resources/list": #"{"resources":[{"uri":"mem://a","name":"a"},{"uri":"mem://b","name":"b"}]}"#
    ]

    private func ask(_ session: any ClientSession, _ method: String, _ uri: String, id: Int = 1) throws
        -> RecordingStream
    {
        try session.ask(#"{"jsonrpc":"2.0","id":\#(id),"method":"resources/\#(method)","params":{"uri":"\#(uri)"}}"#)
    }

    /// Subscribes and lets the backend agree.
    private func subscribe(_ session: any ClientSession, _ uri: String, _ backend: MemoryBackend) async throws {
        let stream = try ask(session, "subscribe", uri)
        backend.answer(await backend.next("resources/subscribe"), result: "{}")
        _ = await stream.response()
    }

    private func update(_ uri: String) -> String {
        #"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"\#(uri)"}}"#
    }

    private func count(_ method: String, _ backend: MemoryBackend) -> Int {
        backend.methods.filter { $0 == method }.count
    }

    @Test("An update reaches the sessions that are subscribed, also for a part of the resource, and no others")
    func routing() async throws {
        let backend = MemoryBackend(lists: lists)
        let gateway = TestGateway(["m": backend])
        let (one, two) = (try await gateway.session(), try await gateway.session())
        let (first, second) = (RecordingStream(), RecordingStream())
        one.attach(first)
        two.attach(second)
        try await subscribe(one, "mem://a", backend)
        try await subscribe(two, "mem://b", backend)
        let service = backend.sessions[0]
        backend.say(update("mem://a"), session: service)
        backend.say(update("mem://a/part"), session: service)
        backend.say(update("mem://ab"), session: service)
        backend.say(update("mem://b"), session: service)
        #expect(first.sent == [update("mem://a"), update("mem://a/part")])
        #expect(second.sent == [update("mem://b")])
    }

    @Test("The backend hears of the end of the last subscription alone, whether by request or with the session")
    func lastOne() async throws {
        let backend = MemoryBackend(lists: lists)
        let gateway = TestGateway(["m": backend])
        let sessions = [try await gateway.session(), try await gateway.session(), try await gateway.session()]
        for session in sessions { try await subscribe(session, "mem://a", backend) }
        let answer = try await ask(sessions[0], "unsubscribe", "mem://a", id: 2).response()
        #expect(try #require(answer).contains("\"result\""))
        await sessions[1].end()
        #expect(count("resources/unsubscribe", backend) == 0)
        await sessions[2].end()
        #expect(count("resources/unsubscribe", backend) == 1)
        #expect(backend.received.last?.params?["uri"]?.string == "mem://a")
    }

    enum Farewell: CaseIterable { case answer, refusal, loss, silence }

    @Test(
        "A session of the client's own is closed when the backend has let go of its subscriptions, or not in time",
        arguments: Farewell.allCases)
    func farewell(how: Farewell) async throws {
        let backend = MemoryBackend(traits: [.answersOnSession], lists: lists)
        let gateway = TestGateway(["m": backend])
        let session = try await gateway.session()
        try await subscribe(session, "mem://a", backend)
        try await subscribe(session, "mem://b", backend)
        await session.end()
        let farewells = [
            await backend.next("resources/unsubscribe"), await backend.next("resources/unsubscribe"),
        ]
        #expect(Set(farewells.map { $0.message.params?["uri"]?.string ?? "" }) == ["mem://a", "mem://b"])
        let own = farewells[0].session
        backend.answer(farewells[0], result: "{}")
        #expect(!backend.closed.contains(own))
        switch how {
        case .answer: backend.answer(farewells[1], result: "{}")
        case .refusal: backend.refuse(farewells[1], #"{"code":-32601,"message":"no"}"#)
        case .loss: backend.lose(own, Outcome(.unavailable, message: "exited"))
        case .silence:
            gateway.clock.advance(by: 2_000)
            await gateway.server.sweep()
        }
        #expect(backend.closed == [own])
        #expect(backend.sessions.count == 1)
    }

    @Test("A refused subscription brings no updates")
    func refused() async throws {
        let backend = MemoryBackend(lists: lists)
        let session = try await TestGateway(["m": backend]).session()
        let events = RecordingStream()
        session.attach(events)
        let stream = try ask(session, "subscribe", "mem://a")
        let call = await backend.next("resources/subscribe")
        backend.push(
            call,
            #"{"jsonrpc":"2.0","id":\#(String(decoding: call.id, as: UTF8.self)),"error":{"code":-32602,"message":"no"}}"#
        )
        #expect(await stream.response()?.contains("-32602") == true)
        backend.say(update("mem://a"), session: call.session)
        #expect(events.sent.isEmpty)
    }

    @Test("Subscriptions are made again over the session that follows a lost one, with no call of the client")
    func restored() async throws {
        let backend = MemoryBackend(lists: lists)
        let session = try await TestGateway(["m": backend]).session()
        let events = RecordingStream()
        session.attach(events)
        try await subscribe(session, "mem://a", backend)
        let lost = backend.sessions[0]
        backend.lose(lost, Outcome(.unavailable, message: "exited"))
        let again = await backend.next("resources/subscribe")
        #expect(again.session != lost && again.message.params?["uri"]?.string == "mem://a")
        backend.say(update("mem://a"), session: again.session)
        #expect(await events.messages(1) == [update("mem://a")])
    }

    @Test("Subscriptions survive a backend that was away for some time")
    func afterAbsence() async throws {
        let backend = MemoryBackend(lists: lists)
        let gateway = TestGateway(["m": backend])
        let session = try await gateway.session()
        try await subscribe(session, "mem://a", backend)
        backend.set {
            $0.startFailure = Outcome(.unavailable, message: "does not start")
            $0.openFailure = $0.startFailure
        }
        backend.lose(backend.sessions[0], Outcome(.unavailable, message: "exited"))
        await gateway.clock.sleeper(1_000)
        backend.set { ($0.startFailure, $0.openFailure) = (nil, nil) }
        gateway.clock.advance(by: 1_000)
        #expect(await backend.next("resources/subscribe").message.params?["uri"]?.string == "mem://a")
    }

    @Test("One subscription more than a session may have is refused with the limit, until another ends")
    func sessionLimit() async throws {
        let backend = MemoryBackend(lists: lists)
        var limits = SessionLimits()
        limits.subscriptions = 1
        let session = try await TestGateway(["m": backend], session: limits).session()
        try await subscribe(session, "mem://a", backend)
        let refused = try #require(try await ask(session, "subscribe", "mem://b").response())
        #expect(refused.contains("one session may have 1 at a time (operational.limits.subscriptionsPerSession)"))
        // The same resource once more is not one more.
        try await subscribe(session, "mem://a", backend)
        let gone = try ask(session, "unsubscribe", "mem://a")
        backend.answer(await backend.next("resources/unsubscribe"), result: "{}")
        _ = await gone.response()
        try await subscribe(session, "mem://b", backend)
        #expect(count("resources/subscribe", backend) == 3)
    }

    @Test("One subscription more than a caller may have is refused with the limit; a session's end gives its own back")
    func principalLimit() async throws {
        let backend = MemoryBackend(lists: lists)
        var limits = SessionLimits()
        limits.subscriptionsPerPrincipal = 1
        let gateway = TestGateway(["m": backend], session: limits)
        let (one, two) = (try await gateway.session(), try await gateway.session())
        let other = try await gateway.session(principal: Principal(issuer: "i", subject: "s"))
        try await subscribe(one, "mem://a", backend)
        let refused = try #require(try await ask(two, "subscribe", "mem://a").response())
        #expect(refused.contains("one caller may have 1 at a time (operational.limits.subscriptionsPerPrincipal)"))
        try await subscribe(other, "mem://b", backend)
        await one.end()
        try await subscribe(two, "mem://a", backend)
    }
}
