import Gateway
import Testing

@testable import HostHTTP

extension TestServer {
    /// A held call of `id`, whose client got the priming event and one notification and then left.
    func abandonedCall(
        _ session: ScriptedSession, id request: String = "1"
    ) async throws -> (stream: any ClientStream, ids: [String]) {
        let connection = try await connect()
        try await connection.send(Request.call("hold", id: request, in: session).text)
        await sessions.journal.first("held \(request)")
        let stream = try #require(session.streams.last)
        #expect(stream.send(ScriptedSession.notification) == .go)
        _ = try await connection.head()
        let ids = [try eventID(of: await connection.chunk()), try eventID(of: await connection.chunk())]
        try await connection.reset()
        while !stream.isAway { await Task.yield() }
        return (stream, ids)
    }

    /// A session that a client has opened.
    func initialize(_ revision: ProtocolRevision) async throws -> ScriptedSession {
        let params = #"{"protocolVersion":"\#(revision.rawValue)"}"#
        let response = try await answer(to: .call("initialize", params: params, in: nil))
        let session = sessions.session(try #require(response["mcp-session-id"]), principal: .anonymous)
        return try #require(session as? ScriptedSession)
    }

    /// A client that comes back after an event.
    func resume(_ session: ScriptedSession, after id: String) async throws -> RawConnection {
        let connection = try await connect()
        try await connection.send(Request("GET").in(session).with("Last-Event-ID", id).text)
        return connection
    }

    /// Opens a listening stream, and waits until its session has it.
    /// - Returns: The connection, what the session sends on, and the first that came.
    func listen(
        in session: ScriptedSession
    ) async throws -> (connection: RawConnection, stream: any ClientStream, first: String) {
        func attached() -> Int { sessions.journal.lines.count { $0 == "attached" } }
        let before = attached()
        let connection = try await connect()
        try await connection.send(Request("GET").in(session).text)
        let head = try await connection.head()
        #expect(head.status == 200 && head["content-type"] == "text/event-stream")
        let first = try #require(try await connection.chunk())
        while attached() == before { await Task.yield() }
        return (connection, try #require(session.streams.last), first)
    }
}

/// The id of an event as it stands on the wire.
func eventID(of event: String?) throws -> String {
    let line = try #require(event?.split(separator: "\n").first { $0.hasPrefix("id: ") })
    return String(line.dropFirst(4))
}
