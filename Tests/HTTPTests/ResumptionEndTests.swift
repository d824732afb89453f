import Gateway
import Testing

@testable import HostHTTP

@Suite("Resuming streams: bounds and ends", .timeLimit(.minutes(2)))
struct ResumptionEndTests {
    @Test(
        "A reader too slow for its stream leaves behind no more than the buffer, and gets its latest when it comes back"
    )
    func slowReader() async throws {
        try await TestServer.run {
            $0.maximumStreamBacklog = 1 << 20
            $0.bufferedBytesPerStream = 1 << 20
        } _: { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await server.connect(reading: false)
            try await connection.send(Request("GET").in(session).text)
            await server.sessions.journal.first("attached")
            let stream = try #require(session.streams.first)
            let message = [UInt8](repeating: UInt8(ascii: "1"), count: 64 * 1024)
            var sent = 0
            while stream.send(message) == .go {
                sent += 1
                // What the kernel takes is not bounded by us, but by its own limits: some megabytes.
                try #require(sent < 4096)
            }
            #expect(stream.isAway)
            await server.logs.first("warning: closing a stream whose reader is too slow")
            for _ in 1...100 { #expect(stream.send(message) == .pause) }
            #expect(server.openStreams.rules.budget.total <= (1 << 20) + EventHistory.overhead)
            try await connection.close()
            #expect(stream.send(Array("{\"latest\":1}".utf8)) == .pause)
            let again = try await server.resume(session, after: "g-1-0")
            _ = try await again.head()
            let missed = try await again.chunk()
            #expect(missed?.hasSuffix("data: {\"latest\":1}\n\n") == true)
            #expect(missed?.utf8.count ?? 0 <= 1 << 20)
            #expect(stream.send(ScriptedSession.notification) == .go && !stream.isAway)
            try await again.close()
        }
    }

    @Test("An answer that was to be JSON cannot be resumed, and nothing is kept of it")
    func heldAnswer() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await server.connect()
            try await connection.send(Request.call("hold", in: session).text)
            await server.sessions.journal.first("held")
            try await connection.reset()
            await server.sessions.journal.first("detached")
            session.release()
            #expect(server.openStreams.count == 0)
            #expect(server.openStreams.rules.budget.total == 0)
        }
    }

    @Test("A cancelled call leaves nothing to come back to")
    func cancelled() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let (stream, ids) = try await server.abandonedCall(session)
            stream.cancelled()
            #expect(server.openStreams.count == 0)
            #expect(server.openStreams.rules.budget.total == 0)
            let connection = try await server.resume(session, after: ids[1])
            #expect(try await connection.response().body.contains("-32603"))
            try await connection.close()
        }
    }

    @Test("The end of a session takes with it what was kept for its client")
    func sessionEnds() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let (stream, _) = try await server.abandonedCall(session)
            stream.close()
            #expect(stream.send(ScriptedSession.notification) == .stop)
            #expect(server.openStreams.count == 0)
            #expect(server.openStreams.rules.budget.total == 0)
        }
    }

    @Test(
        "What an answered call left is let go with the session, whether its client ends that or the gateway",
        arguments: [true, false])
    func answeredBeforeTheEnd(byClient: Bool) async throws {
        try await TestServer.run { server in
            let session = try await server.initialize(.v2025_11_25)
            let other = server.sessions.open(.v2025_11_25)
            let (stream, _) = try await server.abandonedCall(session)
            _ = try await server.abandonedCall(other, id: "2")
            stream.finish(Array("{}".utf8))
            let held = server.openStreams.rules.budget.held(by: other.id)
            #expect(server.openStreams.count == 2 && held > 0)
            if byClient {
                let request = Request("DELETE").in(session).with("Accept", nil)
                #expect(try await server.answer(to: request).status == 200)
            } else {
                await session.end()
            }
            #expect(server.openStreams.count == 1)
            #expect(server.openStreams.rules.budget.total == held)
        }
    }

    @Test(
        "A listening stream that is ended while it is being attached is not left with the session",
        arguments: [false, true])
    func endedMeanwhile(isResumed: Bool) async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await server.connect()
            if !isResumed { server.sessions.whenAttaching { $0.close() } }
            try await connection.send(Request("GET").in(session).text)
            _ = try await connection.head()
            let priming = try eventID(of: await connection.chunk())
            await server.sessions.journal.first("attached")
            var last = connection
            if isResumed {
                server.sessions.whenAttaching { $0.close() }
                last = try await server.resume(session, after: priming)
                _ = try await last.head()
            }
            while try await last.chunk() != nil {}
            // Answered after the other, by the same thread.
            _ = try await server.answer(to: Request.call("ping", in: session))
            let lines = server.sessions.journal.lines
            #expect(lines.last == "detached", "\(lines)")
            for connection in [connection, last] { try await connection.close() }
        }
    }

    @Test("A client that stays away for too long is given up, whatever it left")
    func givenUp() async throws {
        try await TestServer.run {
            $0.resumeTime = .seconds(60)
        } _: { server in
            let session = server.sessions.open(.v2025_11_25)
            let (call, ids) = try await server.abandonedCall(session)
            let (listening, stream, _) = try await server.listen(in: session)
            try await listening.reset()
            while !stream.isAway { await Task.yield() }
            // Two beats in 30 seconds: after three they may still come back, whichever connection was lost first.
            for _ in 1...3 { server.openStreams.beat() }
            #expect(call.isAway && stream.isAway)
            let before = server.sessions.journal.lines.count { $0 == "detached" }
            for _ in 1...4 { server.openStreams.beat() }
            #expect(call.send(ScriptedSession.notification) == .stop)
            #expect(stream.send(ScriptedSession.notification) == .stop)
            #expect(server.sessions.journal.lines.count { $0 == "detached" } == before + 1)
            #expect(server.openStreams.count == 0)
            #expect(server.openStreams.rules.budget.total == 0)
            let connection = try await server.resume(session, after: ids[1])
            #expect(try await connection.response().body.contains("-32603"))
            try await connection.close()
        }
    }

    @Test("An answer too large to be kept becomes an error that names the limit")
    func largeAnswer() async throws {
        try await TestServer.run {
            $0.bufferedBytesPerStream = 1000
        } _: { server in
            let session = server.sessions.open(.v2025_11_25)
            let (stream, ids) = try await server.abandonedCall(session)
            stream.finish([UInt8](repeating: UInt8(ascii: "1"), count: 1001))
            let connection = try await server.resume(session, after: ids[1])
            let body = try await connection.response().body
            #expect(body.contains(#""id":1,"error":{"code":-32603"#))
            #expect(body.contains("operational.limits.bufferedBytesPerStream (1000)"))
            try await connection.close()
        }
    }

    @Test("A listening stream on which nothing was sent keeps nothing")
    func idle() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let (connection, _, _) = try await server.listen(in: session)
            #expect(server.openStreams.rules.budget.total == 0)
            try await connection.close()
        }
    }

    @Test("One listening stream more than a caller may have is refused with the limit, until another ends")
    func quota() async throws {
        try await TestServer.run {
            $0.streamsPerPrincipal = 1
        } _: { server in
            let session = server.sessions.open(.v2025_06_18)
            let first = try await server.connect()
            try await first.send(Request("GET").in(session).text)
            #expect(try await first.head().status == 200)
            let refused = try await server.answer(to: Request("GET").in(session))
            #expect(refused.status == 429)
            #expect(refused.body.contains("may have 1 GET streams"))
            #expect(refused.body.contains("operational.limits.streamsPerPrincipal"))
            try await first.close()
            await server.sessions.journal.first("detached")
            let next = try await server.connect()
            try await next.send(Request("GET").in(session).text)
            #expect(try await next.head().status == 200)
            try await next.close()
        }
    }

    @Test(
        "A listening stream whose client is away makes room for a new one: of several the one that is away for longest")
    func absentListeners() async throws {
        try await TestServer.run {
            $0.streamsPerPrincipal = 3
        } _: { server in
            let session = server.sessions.open(.v2025_11_25)
            func listen() async throws -> (RawConnection, any ClientStream) {
                let (connection, stream, _) = try await server.listen(in: session)
                return (connection, stream)
            }
            let streams = [try await listen(), try await listen(), try await listen()]
            // Gone in another order than they came.
            for index in [1, 0] {
                try await streams[index].0.reset()
                while !streams[index].1.isAway { await Task.yield() }
                server.openStreams.beat()
            }
            let fourth = try await listen()
            #expect(streams[1].1.send(ScriptedSession.notification) == .stop)
            #expect(streams[0].1.send(ScriptedSession.notification) == .pause)
            let fifth = try await listen()
            #expect(streams[0].1.send(ScriptedSession.notification) == .stop)
            // Those that are there stay, and one more than those is one too many.
            #expect(try await server.answer(to: Request("GET").in(session)).status == 429)
            for stream in [streams[2].1, fourth.1, fifth.1] {
                #expect(stream.send(ScriptedSession.notification) == .go)
            }
            for connection in [streams[2].0, fourth.0, fifth.0] { try await connection.close() }
        }
    }
}
