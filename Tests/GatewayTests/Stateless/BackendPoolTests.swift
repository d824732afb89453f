import Testing

@testable import Gateway

@Suite("2026-07-28: backend sessions of requests without sessions")
struct BackendPoolTests {
    private static let call = #""name":"a_echo""#
    private static func unshared() -> MemoryBackend { MemoryBackend(traits: [.answersOnSession]) }

    /// One call, answered. Returns the backend session that it ran on.
    private func run(_ gateway: TestGateway, _ backend: MemoryBackend, _ subject: String) async throws -> UInt64 {
        let answer = try await gateway.post(
            "tools/call", Self.call, principal: Principal(issuer: "i", subject: subject))
        let call = await backend.next("tools/call")
        backend.answer(call, result: "{}")
        _ = await answer.text()
        return call.session
    }

    @Test("One session per principal where the transport is not shared, opened when needed")
    func perPrincipal() async throws {
        let backend = Self.unshared()
        let gateway = TestGateway(["a": backend])
        await gateway.server.keeper.firstRound()
        #expect(backend.sessions.count == 1)
        let (one, again) = (try await run(gateway, backend, "1"), try await run(gateway, backend, "1"))
        let two = try await run(gateway, backend, "2")
        #expect(one == again && one != two)
        #expect(backend.sessions.count == 3)
    }

    @Test("A session that all clients share is shared here too")
    func shared() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["a": backend])
        let one = try await run(gateway, backend, "1")
        #expect(try await run(gateway, backend, "2") == one)
        #expect(backend.sessions == [one])
    }

    @Test("An unused session is closed after five minutes, one in use is not")
    func idle() async throws {
        let backend = Self.unshared()
        let gateway = TestGateway(["a": backend])
        let session = try await run(gateway, backend, "1")
        let held = try await gateway.post("tools/call", Self.call, principal: Principal(issuer: "i", subject: "2"))
        let call = await backend.next("tools/call")
        gateway.server.stateless.pool.sweep(now: gateway.clock.clock.now() + 299_999)
        #expect(backend.closed.isEmpty)
        gateway.server.stateless.pool.sweep(now: gateway.clock.clock.now() + 300_000)
        #expect(backend.closed == [session])
        backend.answer(call, result: "{}")
        #expect(await held.text().contains("\"result\""))
        #expect(try await run(gateway, backend, "1") != session)
    }

    @Test("A lost session is replaced, and the request that certainly did not run is sent again")
    func lost() async throws {
        let backend = Self.unshared()
        let gateway = TestGateway(["a": backend])
        let first = try await run(gateway, backend, "1")
        let answer = try await gateway.post("tools/call", Self.call, principal: Principal(issuer: "i", subject: "1"))
        let call = await backend.next("tools/call")
        call.observer.ended(Outcome(.unavailable, notSent: true, sessionLost: true, message: "404"), last: [])
        let again = await backend.next("tools/call")
        #expect(again.session != first)
        backend.answer(again, result: "{}")
        #expect(await answer.text().contains("\"result\""))
    }

    @Test("The limit evicts the session that was unused for longest, and refuses when all are in use")
    func limit() async throws {
        var limits = StatelessLimits()
        limits.backendSessions = 2
        let backend = Self.unshared()
        let gateway = TestGateway(["a": backend], stateless: limits)
        let oldest = try await run(gateway, backend, "1")
        gateway.clock.advance(by: 1)
        _ = try await run(gateway, backend, "2")
        let third = try await gateway.post("tools/call", Self.call, principal: Principal(issuer: "i", subject: "3"))
        let calls = [await backend.next("tools/call")]
        #expect(backend.closed == [oldest])
        let second = try await gateway.post("tools/call", Self.call, principal: Principal(issuer: "i", subject: "2"))
        _ = await backend.next("tools/call")
        let fourth = try await gateway.post("tools/call", Self.call, principal: Principal(issuer: "i", subject: "4"))
        let error = try await fourth.response()["result"]?["_meta"]?["vmcp.dev/error"]
        #expect(error?["category"]?.string == "limit_exceeded" && error?["retryable"]?.bool == true)
        backend.answer(calls[0], result: "{}")
        _ = await third.text()
        second.cancel()
    }

    @Test("The end of the gateway closes all of them")
    func stop() async throws {
        let backend = Self.unshared()
        let gateway = TestGateway(["a": backend])
        _ = try await run(gateway, backend, "1")
        await gateway.server.stop()
        #expect(backend.sessions.isEmpty)
        let answer = try await gateway.post("tools/call", Self.call)
        #expect(await answer.text().contains("the gateway ends"))
    }
}
