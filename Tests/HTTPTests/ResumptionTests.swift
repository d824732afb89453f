import Foundation
import Gateway
import Testing

@testable import HostHTTP

@Suite("Resuming streams", .timeLimit(.minutes(2)))
struct ResumptionTests {
    private static let notification = String(decoding: ScriptedSession.notification, as: UTF8.self)

    private func id(of event: String?) throws -> String {
        let line = try #require(event?.split(separator: "\n").first { $0.hasPrefix("id: ") })
        return String(line.dropFirst(4))
    }

    /// A held call of `id`, whose client got the priming event and one notification and then left.
    private func abandonedCall(
        _ server: TestServer, _ session: ScriptedSession, id request: String = "1"
    ) async throws -> (stream: any ClientStream, ids: [String]) {
        let connection = try await server.connect()
        try await connection.send(Request.call("hold", id: request, in: session).text)
        await server.sessions.journal.first("held \(request)")
        let stream = try #require(session.streams.last)
        #expect(stream.send(ScriptedSession.notification) == .go)
        _ = try await connection.head()
        let ids = [try id(of: await connection.chunk()), try id(of: await connection.chunk())]
        try await connection.reset()
        while !stream.isAway { await Task.yield() }
        return (stream, ids)
    }

    private func resume(_ server: TestServer, _ session: ScriptedSession, after id: String) async throws
        -> RawConnection
    {
        let connection = try await server.connect()
        try await connection.send(Request("GET").in(session).with("Last-Event-ID", id).text)
        return connection
    }

    @Test("A client that comes back gets what it missed of the call's stream, then the answer as it comes")
    func answer() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let (stream, ids) = try await abandonedCall(server, session)
            #expect(stream.send(Array(#"{"missed":1.0}"#.utf8)) == .pause)
            let connection = try await resume(server, session, after: ids[1])
            let head = try await connection.head()
            #expect(head.status == 200 && head["content-type"] == "text/event-stream")
            let missed = try await connection.chunk()
            #expect(missed?.hasSuffix("data: {\"missed\":1.0}\n\n") == true)
            #expect(missed?.contains(Self.notification) == false)
            session.release()
            let answer = try await connection.chunk()
            #expect(answer?.contains(#""id":1,"result":"released""#) == true)
            #expect(Set(ids + [try id(of: missed), try id(of: answer)]).count == 4)
            #expect(try await connection.chunk() == nil)
            try await connection.close()
        }
    }

    @Test("An answer given while nobody listened is replayed, and again to who asks again")
    func answeredMeanwhile() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let (_, ids) = try await abandonedCall(server, session, id: #""x-1""#)
            session.release()
            for _ in 1...2 {
                let connection = try await resume(server, session, after: ids[0])
                let body = try await connection.response().body
                #expect(body.components(separatedBy: "event: message").count == 3)
                #expect(body.contains(Self.notification))
                #expect(body.hasSuffix("data: {\"jsonrpc\":\"2.0\",\"id\":\"x-1\",\"result\":\"released\"}\n\n"))
                try await connection.close()
            }
        }
    }

    @Test("An answer that went into a dead connection can be asked for")
    func lostAnswer() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await server.connect()
            try await connection.send(Request.call("notify", in: session).text)
            _ = try await connection.head()
            let priming = try id(of: await connection.chunk())
            while try await connection.chunk() != nil {}
            let again = try await resume(server, session, after: priming)
            #expect(try await again.response().body.contains(#""id":1,"result":{}"#))
            for connection in [connection, again] { try await connection.close() }
        }
    }

    @Test("A listening stream goes on where it broke off, without what other streams got")
    func listening() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let first = try await server.connect()
            try await first.send(Request("GET").in(session).text)
            _ = try await first.head()
            let priming = try #require(try await first.chunk())
            #expect(priming.hasSuffix("\nretry: 1000\ndata: \n\n"))
            await server.sessions.journal.first("attached")
            let stream = try #require(session.streams.first)
            let call = try await server.connect()
            try await call.send(Request.call("notify", in: session).text)
            #expect(try await call.response().body.contains("result"))
            try await first.reset()
            while !stream.isAway { await Task.yield() }
            #expect(stream.send(Array(#"{"n":1}"#.utf8)) == .pause)
            let second = try await resume(server, session, after: try id(of: priming))
            _ = try await second.head()
            #expect(try await second.chunk()?.hasSuffix("data: {\"n\":1}\n\n") == true)
            #expect(!stream.isAway && stream.send(Array(#"{"n":2}"#.utf8)) == .go)
            #expect(try await second.chunk()?.hasSuffix("data: {\"n\":2}\n\n") == true)
            #expect(!server.sessions.journal.lines.contains("detached"))
            #expect(server.sessions.journal.lines.count { $0 == "attached" } == 2)
            for connection in [call, second] { try await connection.close() }
        }
    }

    @Test("Coming back while the old connection still stands ends that one; its end then changes nothing")
    func takeover() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let old = try await server.connect()
            try await old.send(Request("GET").in(session).text)
            _ = try await old.head()
            let priming = try id(of: await old.chunk())
            await server.sessions.journal.first("attached")
            let stream = try #require(session.streams.first)
            let new = try await resume(server, session, after: priming)
            _ = try await new.head()
            #expect(try await new.chunk()?.hasPrefix(":") == true)
            while let event = try await old.chunk() { #expect(event.hasPrefix(":")) }
            try await old.close()
            #expect(stream.send(ScriptedSession.notification) == .go)
            #expect(try await new.chunk()?.contains(Self.notification) == true)
            #expect(!stream.isAway)
            try await new.close()
        }
    }

    @Test("Of several streams of a session each goes on by itself")
    func several() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let calls = [
                try await abandonedCall(server, session, id: "1"), try await abandonedCall(server, session, id: "2"),
            ]
            session.release()
            for (index, call) in calls.enumerated().reversed() {
                let connection = try await resume(server, session, after: call.ids[1])
                let body = try await connection.response().body
                #expect(body.contains("\"id\":\(index + 1),\"result\""))
                #expect(body.components(separatedBy: "event: message").count == 2)
                try await connection.close()
            }
        }
    }

    @Test("For a call's stream that nobody holds its request gets an error, which ends it")
    func unknownCall() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let other = server.sessions.open(.v2025_11_25)
            let (_, foreign) = try await abandonedCall(server, other)
            for id in ["p-4711-2-MQ", foreign[0]] {
                let connection = try await resume(server, session, after: id)
                let response = try await connection.response()
                #expect(response.status == 200 && response["content-type"] == "text/event-stream")
                #expect(response.body.contains(#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"#))
                #expect(!response.body.contains("id: ") && !response.body.contains(Self.notification))
                try await connection.close()
            }
        }
    }

    @Test("For a listening stream that nobody holds the client gets a new one")
    func unknownListening() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await resume(server, session, after: "g-4711-2")
            #expect(try await connection.head().status == 200)
            #expect(try id(of: await connection.chunk()).hasPrefix("g-"))
            await server.sessions.journal.first("attached")
            try await connection.close()
        }
    }

    @Test("A Last-Event-ID that cannot be ours is refused with a reason")
    func garbage() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let response = try await server.answer(to: Request("GET").in(session).with("Last-Event-ID", "abc"))
            #expect(response.status == 400)
            #expect(response.body.contains("Last-Event-ID") && response.body.contains("abc"))
        }
    }

    @Test("Before 2025-11-25 events have no ids, Last-Event-ID is ignored, and a stream ends with its connection")
    func olderRevision() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_06_18)
            let connection = try await resume(server, session, after: "abc")
            #expect(try await connection.head().status == 200)
            #expect(try await connection.chunk()?.hasPrefix(":") == true)
            await server.sessions.journal.first("attached")
            let stream = try #require(session.streams.first)
            _ = stream.send(ScriptedSession.notification)
            #expect(try await connection.chunk()?.contains("id: ") == false)
            try await connection.reset()
            await server.sessions.journal.first("detached")
            #expect(stream.send(ScriptedSession.notification) == .stop)
        }
    }

    @Test("2026-07-28 ignores Last-Event-ID and gives events no ids")
    func modern() async throws {
        try await TestServer.run { server in
            let request = Request.tool("notify").with("Last-Event-ID", "p-1-0-MQ")
            let response = try await server.answer(to: request)
            #expect(response.status == 200 && response.body.hasPrefix("event: message\ndata: "))
            #expect(response.body.contains(#""id":7,"result":{}"#))
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
            let (stream, ids) = try await abandonedCall(server, session)
            stream.cancelled()
            #expect(server.openStreams.count == 0)
            #expect(server.openStreams.rules.budget.total == 0)
            let connection = try await resume(server, session, after: ids[1])
            #expect(try await connection.response().body.contains("-32603"))
            try await connection.close()
        }
    }

    @Test("The end of a session takes with it what was kept for its client")
    func sessionEnds() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let (stream, _) = try await abandonedCall(server, session)
            stream.close()
            #expect(stream.send(ScriptedSession.notification) == .stop)
            #expect(server.openStreams.count == 0)
            #expect(server.openStreams.rules.budget.total == 0)
        }
    }

    @Test("What an answered call left is let go with the session, once its client ends that")
    func answeredBeforeTheEnd() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let other = server.sessions.open(.v2025_11_25)
            let (stream, _) = try await abandonedCall(server, session)
            _ = try await abandonedCall(server, other)
            stream.finish(Array("{}".utf8))
            let held = server.openStreams.rules.budget.held(by: other.id)
            #expect(server.openStreams.count == 2 && held > 0)
            let request = Request("DELETE").in(session).with("Accept", nil)
            #expect(try await server.answer(to: request).status == 200)
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
            let priming = try id(of: await connection.chunk())
            await server.sessions.journal.first("attached")
            var last = connection
            if isResumed {
                server.sessions.whenAttaching { $0.close() }
                last = try await resume(server, session, after: priming)
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
            let (call, ids) = try await abandonedCall(server, session)
            let listening = try await server.connect()
            try await listening.send(Request("GET").in(session).text)
            _ = try await listening.head()
            await server.sessions.journal.first("attached")
            let stream = try #require(session.streams.last)
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
            let connection = try await resume(server, session, after: ids[1])
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
            let (stream, ids) = try await abandonedCall(server, session)
            stream.finish([UInt8](repeating: UInt8(ascii: "1"), count: 1001))
            let connection = try await resume(server, session, after: ids[1])
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
            let connection = try await server.connect()
            try await connection.send(Request("GET").in(session).text)
            _ = try await connection.head()
            await server.sessions.journal.first("attached")
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
}
