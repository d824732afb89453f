import Gateway
import Testing

@Suite("Health of backends at work", .timeLimit(.minutes(2)))
struct HealthOfBackendsTests {
    private static let call = #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"bad_echo"}}"#
    private static let list = #"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#

    private static func settings(_ unhealthy: Int, breaker: Int? = nil) -> HealthSettings {
        var settings = HealthSettings()
        (settings.interval, settings.timeout) = (31_234, 7_654)
        settings.unhealthyThreshold = unhealthy
        settings.breaker = breaker.map { HealthSettings.Breaker(failureThreshold: $0, timeout: 54_321) }
        return settings
    }

    /// A call of the backend "bad" that ends so.
    private func fail(_ session: any ClientSession, _ backend: MemoryBackend, _ outcome: Outcome) async throws {
        let stream = try session.ask(Self.call)
        await backend.next("tools/call").observer.ended(outcome, last: [])
        _ = await stream.response()
    }

    private static let broken = Outcome(.unavailable, message: "the connection broke")

    @Test("An open circuit takes the tools away, fails calls without contact, and closes by one trial")
    func circuit() async throws {
        let (bad, good) = (MemoryBackend(traits: [.hasHeaders]), MemoryBackend())
        let gateway = TestGateway(["bad": bad, "good": good], health: Self.settings(2, breaker: 3))
        let session = try await gateway.session()
        let events = RecordingStream()
        session.attach(events)
        try await fail(session, bad, Self.broken)
        // The first failure is looked into; what that brings does not matter any more.
        let doubted = await bad.next("ping")
        try await fail(session, bad, Self.broken)
        await gateway.catalogs.until { $0.last == "good_echo" }
        #expect(gateway.server.keeper.statuses.first?.health == "unhealthy")
        doubted.observer.ended(Self.broken, last: [])
        while gateway.server.keeper.statuses.first?.vitals.circuit.word != "open" { await Task.yield() }

        let contacts = bad.methods.count
        let refused = try #require(await session.ask(Self.call).response())
        for part in [#""category":"circuit_open""#, #""retryable":true"#, #""retryAfterMs":54321"#, #""isError":true"#]
        {
            #expect(refused.contains(part))
        }
        let modern = try await gateway.post("tools/call", #""name":"bad_echo""#).text()
        #expect(modern.contains("circuit_open") && modern.contains(#""isError":true"#))
        #expect(bad.methods.count == contacts)
        let listed = try #require(await session.ask(Self.list).response())
        #expect(listed.contains(#""_meta":{"vmcp.dev/missing":[{"backend":"bad","category":"connection_failed"}]}"#))
        let other = try session.ask(
            #"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"good_echo"}}"#)
        good.answer(await good.next("tools/call"), result: "{}")
        #expect(await other.response()?.contains("result") == true)

        await gateway.clock.pass(54_321) { bad.methods.count > contacts }
        let trial = await bad.next("ping")
        #expect(try #require(await session.ask(Self.call).response()).contains("circuit_open"))
        bad.answer(trial, result: "{}")
        await gateway.catalogs.until { $0.last?.contains("bad_echo") == true }
        #expect(await events.messages(2).count == 2)
        #expect(events.sent.allSatisfy { $0.contains("notifications/tools/list_changed") })
        #expect(gateway.server.keeper.statuses.first?.vitals.circuit == .closed)
        let again = try session.ask(Self.call)
        bad.answer(await bad.next("tools/call"), result: "{}")
        #expect(await again.response()?.contains("result") == true)
    }

    @Test("Without a breaker an unhealthy backend is probed after growing pauses, and what it lists is read again")
    func recovery() async throws {
        let bad = MemoryBackend(traits: [.hasHeaders])
        let gateway = TestGateway(["bad": bad], health: Self.settings(1))
        let session = try await gateway.session()
        try await fail(session, bad, Self.broken)
        await gateway.catalogs.until { $0.last == "" }
        let answer = try #require(await session.ask(Self.call).response())
        #expect(answer.contains("backend_unavailable") && answer.contains(#""retryable":true"#))
        await bad.next("ping").observer.ended(Self.broken, last: [])
        bad.set { $0.lists["tools/list"] = #"{"tools":[{"name":"other"}]}"# }
        let contacts = bad.methods.count
        await gateway.clock.pass(2_000) { bad.methods.count > contacts }
        bad.answer(await bad.next("ping"), result: "{}")
        await gateway.catalogs.until { $0.last == "bad_other" }
    }

    @Test("A backend that calls have just heard of is not probed, one that is silent is")
    func idle() async throws {
        let bad = MemoryBackend(traits: [.hasHeaders])
        let gateway = TestGateway(["bad": bad], health: Self.settings(1))
        let session = try await gateway.session()
        await gateway.clock.sleeper(31_234)
        gateway.clock.advance(by: 31_000)
        let stream = try session.ask(Self.call)
        bad.answer(await bad.next("tools/call"), result: "{}")
        _ = await stream.response()
        gateway.clock.advance(by: 234)
        await gateway.clock.sleeper(31_000)
        #expect(!bad.methods.contains("ping"))
        await gateway.clock.pass(31_000) { bad.methods.contains("ping") }
    }

    @Test("A probe that waits behind calls under way shows nothing")
    func busy() async throws {
        let bad = MemoryBackend(traits: [.hasHeaders])
        let gateway = TestGateway(["bad": bad], health: Self.settings(1))
        let session = try await gateway.session()
        let stream = try session.ask(Self.call)
        let call = await bad.next("tools/call")
        await gateway.clock.sleeper(31_234)
        gateway.clock.advance(by: 20_000)
        _ = call.observer.received(
            Array(
                #"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}"#.utf8))
        gateway.clock.advance(by: 11_234)
        let probe = await bad.next("ping")
        probe.observer.ended(Outcome(.timeout), last: [])
        await gateway.clock.sleeper(31_234)
        #expect(gateway.server.keeper.statuses.first?.vitals.consecutiveFailures == 0)
        bad.answer(call, result: "{}")
        _ = await stream.response()
    }

    @Test("The end of a stream brings a probe at once")
    func brokenStream() async throws {
        let bad = MemoryBackend(traits: [.hasHeaders], listens: true)
        let gateway = TestGateway(["bad": bad], health: Self.settings(1))
        _ = try await gateway.session()
        bad.endListen(Self.broken)
        await bad.next("ping").observer.ended(Self.broken, last: [])
        await gateway.catalogs.until { $0.last == "" }
    }

    @Test("While the circuit is open no attempt is made to start a backend either")
    func attempts() async throws {
        let bad = MemoryBackend()
        bad.set { $0.startFailure = Outcome(.unavailable, message: "no such program") }
        let gateway = TestGateway(["bad": bad], health: Self.settings(1, breaker: 2))
        await gateway.clock.sleeper(1_000)
        gateway.clock.advance(by: 1_000)
        await gateway.clock.sleeper(2_000)
        gateway.clock.advance(by: 2_000)
        await gateway.clock.sleeper(52_321)
        #expect(bad.starts == 2)
        bad.set { $0.startFailure = nil }
        gateway.clock.advance(by: 52_321)
        await gateway.catalogs.until { $0.last == "bad_echo" }
        #expect(bad.starts == 3)
        #expect(gateway.server.keeper.statuses.first?.vitals.circuit == .closed)
    }
}
