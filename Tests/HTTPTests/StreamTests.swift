import Gateway
import Testing

@testable import HostHTTP

@Suite("Streams", .timeLimit(.minutes(2)))
struct StreamTests {
    @Test("An answer without notifications is JSON, with the first notification it becomes a stream")
    func jsonOrEvents() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_06_18)
            let connection = try await server.connect()
            try await connection.send(Request.call("later", in: session).text)
            let json = try await connection.response()
            #expect(json["content-type"] == "application/json")
            #expect(json["content-length"] == "\(json.body.utf8.count)")
            try await connection.send(Request.call("notify", in: session).text)
            let stream = try await connection.head()
            #expect(stream.status == 200)
            #expect(stream["content-type"] == "text/event-stream")
            #expect(stream["cache-control"] == "no-cache, no-transform")
            #expect(stream["x-accel-buffering"] == "no")
            #expect(stream["content-length"] == nil)
            let notification = String(decoding: ScriptedSession.notification, as: UTF8.self)
            #expect(try await connection.chunk() == "event: message\ndata: \(notification)\n\n")
            #expect(
                try await connection.chunk() == "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n"
            )
            #expect(try await connection.chunk() == nil)
            // The connection serves on after a stream.
            try await connection.send(Request.call("echo", in: session).text)
            #expect(try await connection.response().status == 200)
            try await connection.close()
        }
    }

    @Test("From 2025-11-25 on a stream begins with a priming event, and its events have ids of their own")
    func priming() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await server.connect()
            var ids: Set<String> = []
            for _ in 1...3 {
                try await connection.send(Request.call("notify", in: session).text)
                _ = try await connection.head()
                let priming = try #require(try await connection.chunk())
                #expect(priming.hasSuffix("\ndata: \n\n"))
                var events = [priming]
                while let event = try await connection.chunk() { events.append(event) }
                #expect(events.count == 3)
                for event in events {
                    let id = try #require(event.split(separator: "\n").first { $0.hasPrefix("id: ") })
                    #expect(ids.insert(String(id)).inserted)
                }
            }
            try await connection.close()
        }
    }

    @Test("A stream of a GET is the session's before its client can see that it is open")
    func attachedFirst() {
        let sessions = ScriptedSessions()
        let session = sessions.open(.v2025_11_25)
        let settings = HTTPServerSettings()
        let endpoint = MCPEndpoint(
            settings, sessions: sessions, requests: ScriptedRequests(), openStreams: OpenStreams(settings))
        let headers = [Header("accept", "text/event-stream"), Header("mcp-session-id", session.id)]
        endpoint.handle(
            HTTPRequest(method: "GET", path: "/mcp", headers: HTTPFields(headers)), NotingResponder(sessions.journal))
        #expect(sessions.journal.lines == ["attached", "200"])
    }

    @Test("A cancelled request gets no answer: an empty stream, without an event that would invite to resume")
    func cancelled() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await server.connect()
            try await connection.send(Request.call("cancel", in: session).text)
            let head = try await connection.head()
            #expect(head.status == 200 && head["content-type"] == "text/event-stream")
            #expect(try await connection.chunk() == nil)
            try await connection.close()
        }
    }

    @Test("A message with line breaks stays one event")
    func lineBreaks() {
        let event = ServerSentEvents.message(Array("{\r\n\"a\":\n1}".utf8), id: "4-2")
        #expect(
            String(decoding: event, as: UTF8.self) == "event: message\nid: 4-2\ndata: {\ndata: \"a\":\ndata: 1}\n\n")
    }

    @Test("A GET gets a stream at once, and what belongs to no request goes there")
    func listening() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_06_18)
            let (connection, stream, first) = try await server.listen(in: session)
            #expect(first.hasPrefix(":"))
            #expect(stream.send(ScriptedSession.notification) == .go)
            #expect(try await connection.chunk()?.hasPrefix("event: message\ndata: {") == true)
            stream.close()
            #expect(try await connection.chunk() == nil)
            #expect(stream.send(ScriptedSession.notification) == .stop)
            try await connection.close()
        }
    }

    @Test("A client that closes its stream is detached, and sending to it says stop")
    func disconnect() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_06_18)
            let (connection, stream, _) = try await server.listen(in: session)
            try await connection.close()
            await server.sessions.journal.first("detached")
            #expect(stream.send(ScriptedSession.notification) == .stop)
            #expect(server.openStreams.count == 0)
        }
    }

    @Test("A client that leaves during a call is detached, and the call goes on")
    func disconnectDuringCall() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await server.connect()
            try await connection.send(Request.call("hold", in: session).text)
            await server.sessions.journal.first("held")
            try await connection.reset()
            await server.sessions.journal.first("detached")
            #expect(!server.sessions.journal.lines.contains { $0.contains("cancelled") })
            session.release()
            let next = try await server.answer(to: .call("echo", in: session))
            #expect(next.status == 200)
        }
    }

    @Test("Silence brings comments: on a listening stream, and on a call, whose answer becomes a stream")
    func keepAlive() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_06_18)
            let listening = try await server.connect()
            try await listening.send(Request("GET").in(session).text)
            _ = try await listening.head()
            #expect(try await listening.chunk()?.hasPrefix(":") == true)
            let call = try await server.connect()
            try await call.send(Request.call("hold", in: session).text)
            await server.sessions.journal.first("held")
            while server.openStreams.count < 2 { await Task.yield() }
            for _ in 1...2 { server.openStreams.beat() }
            #expect(try await listening.chunk()?.hasPrefix(":") == true)
            #expect(try await call.head()["content-type"] == "text/event-stream")
            #expect(try await call.chunk()?.hasPrefix(":") == true)
            session.release()
            #expect(try await call.chunk()?.contains("released") == true)
            #expect(try await call.chunk() == nil)
            for connection in [listening, call] { try await connection.close() }
        }
    }

    @Test("A message puts the next comment off")
    func keepAliveAfterMessage() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_06_18)
            let (connection, stream, _) = try await server.listen(in: session)
            for _ in 1...5 {
                server.openStreams.beat()
                _ = stream.send(ScriptedSession.notification)
            }
            stream.close()
            while let event = try await connection.chunk() { #expect(!event.hasPrefix(":")) }
            try await connection.close()
        }
    }

    @Test("A reader too slow for its stream is cut off at the limit, with a reason in the log")
    func slowReader() async throws {
        let limit = 1 << 20
        try await TestServer.run {
            $0.maximumStreamBacklog = limit
        } _: { server in
            let session = server.sessions.open(.v2025_06_18)
            let connection = try await server.connect(reading: false)
            try await connection.send(Request("GET").in(session).text)
            await server.sessions.journal.first("attached")
            let stream = try #require(session.streams.first)
            let message = [UInt8](repeating: UInt8(ascii: "1"), count: 64 * 1024)
            var sent = 0
            while stream.send(message) == .go {
                sent += message.count
                // What the kernel takes is not bounded by us, but by its own limits: some megabytes.
                try #require(sent < 256 << 20)
            }
            #expect(sent >= limit)
            await server.logs.first("warning: closing a stream whose reader is too slow")
            await server.sessions.journal.first("detached")
            try await connection.close()
        }
    }

    @Test("One message larger than the limit reaches a reader that reads")
    func largeMessage() async throws {
        try await TestServer.run {
            $0.maximumStreamBacklog = 1000
        } _: { server in
            let session = server.sessions.open(.v2025_06_18)
            let (connection, stream, _) = try await server.listen(in: session)
            #expect(stream.send([UInt8](repeating: UInt8(ascii: "1"), count: 3_000_000)) == .go)
            #expect(try await connection.chunk()?.utf8.count == 3_000_000 + "event: message\ndata: \n\n".utf8.count)
            try await connection.close()
        }
    }

    @Test("Messages sent from many threads arrive whole, and in the order each thread sent them")
    func manyThreads() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_06_18)
            let (connection, stream, _) = try await server.listen(in: session)
            await withTaskGroup(of: Void.self) { group in
                for thread in 0..<8 {
                    group.addTask {
                        for number in 0..<200 { _ = stream.send(Array("[\(thread),\(number)]".utf8)) }
                    }
                }
            }
            stream.close()
            var next = [Int](repeating: 0, count: 8)
            while let event = try await connection.chunk() {
                for line in event.split(separator: "\n") where line.hasPrefix("data: [") {
                    let numbers = line.dropFirst(7).dropLast().split(separator: ",").compactMap { Int($0) }
                    #expect(numbers[1] == next[numbers[0]])
                    next[numbers[0]] += 1
                }
            }
            #expect(next == [Int](repeating: 200, count: 8))
            try await connection.close()
        }
    }
}

/// Notes when an answer begins.
private final class NotingResponder: HTTPResponder {
    private let journal: Journal

    init(_ journal: Journal) { self.journal = journal }

    func respond(_ response: HTTPResponse) { journal.add("\(response.status)") }
    func begin(_ status: Int, headers: [Header]) { journal.add("\(status)") }
    func write(_ bytes: [UInt8]) -> Flow { .go }
    func finish() {}
    func observe(_ observer: @escaping @Sendable (HTTPExchangeEvent) -> Void) {}
}
