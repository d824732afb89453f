import Foundation
import Gateway
import Testing

@testable import HostHTTP

@Suite("Resuming streams", .timeLimit(.minutes(2)))
struct ResumptionTests {
    private static let notification = String(decoding: ScriptedSession.notification, as: UTF8.self)

    @Test("A client that comes back gets what it missed of the call's stream, then the answer as it comes")
    func answer() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let (stream, ids) = try await server.abandonedCall(session)
            #expect(stream.send(Array(#"{"missed":1.0}"#.utf8)) == .pause)
            let connection = try await server.resume(session, after: ids[1])
            let head = try await connection.head()
            #expect(head.status == 200 && head["content-type"] == "text/event-stream")
            let missed = try await connection.chunk()
            #expect(missed?.hasSuffix("data: {\"missed\":1.0}\n\n") == true)
            #expect(missed?.contains(Self.notification) == false)
            session.release()
            let answer = try await connection.chunk()
            #expect(answer?.contains(#""id":1,"result":"released""#) == true)
            #expect(Set(ids + [try eventID(of: missed), try eventID(of: answer)]).count == 4)
            #expect(try await connection.chunk() == nil)
            try await connection.close()
        }
    }

    @Test("An answer given while nobody listened is replayed, and again to who asks again")
    func answeredMeanwhile() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let (_, ids) = try await server.abandonedCall(session, id: #""x-1""#)
            session.release()
            for _ in 1...2 {
                let connection = try await server.resume(session, after: ids[0])
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
            let priming = try eventID(of: await connection.chunk())
            while try await connection.chunk() != nil {}
            let again = try await server.resume(session, after: priming)
            #expect(try await again.response().body.contains(#""id":1,"result":{}"#))
            for connection in [connection, again] { try await connection.close() }
        }
    }

    @Test("A listening stream goes on where it broke off, without what other streams got")
    func listening() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let (first, stream, priming) = try await server.listen(in: session)
            #expect(priming.hasSuffix("\nretry: 1000\ndata: \n\n"))
            let call = try await server.connect()
            try await call.send(Request.call("notify", in: session).text)
            #expect(try await call.response().body.contains("result"))
            try await first.reset()
            while !stream.isAway { await Task.yield() }
            #expect(stream.send(Array(#"{"n":1}"#.utf8)) == .pause)
            let second = try await server.resume(session, after: try eventID(of: priming))
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
            let (old, stream, begin) = try await server.listen(in: session)
            let priming = try eventID(of: begin)
            let new = try await server.resume(session, after: priming)
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
                try await server.abandonedCall(session, id: "1"), try await server.abandonedCall(session, id: "2"),
            ]
            session.release()
            for (index, call) in calls.enumerated().reversed() {
                let connection = try await server.resume(session, after: call.ids[1])
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
            let (_, foreign) = try await server.abandonedCall(other)
            for id in ["p-4711-2-MQ", foreign[0]] {
                let connection = try await server.resume(session, after: id)
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
            let connection = try await server.resume(session, after: "g-4711-2")
            #expect(try await connection.head().status == 200)
            #expect(try eventID(of: await connection.chunk()).hasPrefix("g-"))
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
            let connection = try await server.resume(session, after: "abc")
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
}
