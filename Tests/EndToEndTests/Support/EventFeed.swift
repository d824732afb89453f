import Foundation

/// A stream of events of the gateway that goes on, read as it comes.
final class EventFeed {
    private let connection: HTTPConnection
    private var text = ""

    private init(_ connection: HTTPConnection) { self.connection = connection }

    /// The GET stream of a client's session.
    static func session(_ client: RawClient, of gateway: RunningGateway) async throws -> EventFeed {
        try await opened("GET", headers: client.headers, body: [], gateway)
    }

    /// A `subscriptions/listen`, acknowledged.
    /// - Parameters:
    ///   - filter: The members of `notifications`, raw JSON.
    ///   - id: Raw JSON.
    static func listen(
        _ filter: String, id: String = "7", token: String? = nil, capabilities: String = "{}",
        of gateway: RunningGateway
    ) async throws -> EventFeed {
        var request = ModernRequest(
            "subscriptions/listen", id: id, members: "\"notifications\":{\(filter)}",
            meta: ModernRequest.meta(capabilities: capabilities))
        if let token { request = request.adding("Authorization", "Bearer \(token)") }
        let feed = try await opened("POST", headers: request.headers, body: Array(request.body.utf8), gateway)
        let first = try await feed.next()
        guard first?["method"] == "notifications/subscriptions/acknowledged" else {
            throw TestFailure("the listen is not acknowledged: \(first?.text ?? "it ended")")
        }
        return feed
    }

    private static func opened(
        _ method: String, headers: [(String, String)], body: [UInt8], _ gateway: RunningGateway
    ) async throws -> EventFeed {
        let connection = try HTTPConnection(port: gateway.port)
        let head = try await connection.open(method, "/mcp", headers: headers, body: body)
        guard head.status == 200, head.contentType.hasPrefix("text/event-stream") else {
            throw TestFailure("\(method) got \(head.status), \(head.contentType)")
        }
        return EventFeed(connection)
    }

    /// The next message; `nil` at the end of the stream.
    func next() async throws -> JSON? {
        while true {
            while let end = text.range(of: "\n\n") {
                let event = String(text[..<end.lowerBound])
                text = String(text[end.upperBound...])
                if let message = RawClient.messages(in: event).first { return try JSON(parsing: message.utf8) }
            }
            guard let chunk = try await connection.chunk() else { return nil }
            text += String(decoding: chunk, as: UTF8.self).replacing("\r\n", with: "\n")
        }
    }

    /// Reads on to a notification of this method.
    @discardableResult
    func next(_ method: String) async throws -> JSON {
        while let message = try await next() { if message["method"]?.string == method { return message } }
        throw TestFailure("the stream ended before \(method)")
    }

    /// The methods of all messages up to the end of the stream; a response has none.
    func rest() async throws -> [String?] {
        var methods: [String?] = []
        while let message = try await next() { methods.append(message["method"]?.string) }
        return methods
    }

    /// Ends it as a client does.
    func hangUp() { connection.hangUp() }
}
