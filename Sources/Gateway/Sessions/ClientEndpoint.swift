/// An identity that plugins may ask about by its number, for as long as somebody holds this.
package protocol CallerIdentity: AnyObject, Sendable {
    /// For ``CallContext/identity``; never 0.
    var number: UInt64 { get }
}

/// Who sends a request, as far as the endpoint knows.
///
/// Sessions are bound to it: a session answers only the principal that opened it. Two tokens of one user are one
/// principal.
package struct Principal: Sendable, Hashable {
    /// Issuer and subject of a validated token; both empty for anonymous callers.
    package var issuer: String
    package var subject: String
    /// What this very request showed: another token of the same user is another one.
    package var identity: (any CallerIdentity)?

    package init(issuer: String, subject: String, identity: (any CallerIdentity)? = nil) {
        self.issuer = issuer
        self.subject = subject
        self.identity = identity
    }

    package static let anonymous = Principal(issuer: "", subject: "")

    package static func == (left: Principal, right: Principal) -> Bool {
        left.subject == right.subject && left.issuer == right.issuer
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(issuer)
        hasher.combine(subject)
    }
}

/// Where the messages of one exchange with a client go: a response stream of a POST, or the stream of a GET.
///
/// The HTTP side implements it. It holds the head of a POST's answer back until the first message, so that an answer
/// without notifications is plain JSON.
package protocol ClientStream: AnyObject, Sendable {
    /// The connection is gone, and what is sent is kept until the client comes back: another stream is better.
    var isAway: Bool { get }
    /// A notification or a request for the client. Answers ``Flow/pause`` when it is kept for a client that is away, and
    /// ``Flow/stop`` when the client is gone.
    func send(_ message: [UInt8]) -> Flow
    /// The answer to the request of this exchange; the last message.
    func finish(_ response: [UInt8])
    /// The session ended: a stream for what belongs to no request ends, a request gets no answer of ours.
    func close()
    /// The client cancelled the request: the exchange ends without an answer.
    func cancelled()
}

extension ClientStream {
    package var isAway: Bool { false }
}

/// What `initialize` led to.
package enum InitializeOutcome: Sendable {
    /// A session, and the answer to be sent with its id in `Mcp-Session-Id`.
    case opened(any ClientSession, response: [UInt8])
    /// A JSON-RPC error answer; no session.
    case refused(response: [UInt8])
    /// The same, because this instance opens no sessions any more.
    case ending(response: [UInt8])
}

/// The gateway as the revisions with sessions see it: what the HTTP endpoint talks to.
package protocol ClientSessions: Sendable {
    /// Answers an `initialize` request. `headers` are those of the HTTP request (names in lower case).
    func initialize(_ request: JSONRPCMessage, principal: Principal, headers: [Header]) async -> InitializeOutcome
    /// The live session of this id, if it belongs to the principal; touches its idle time. `nil` answers 404.
    func session(_ id: String, principal: Principal) -> (any ClientSession)?
}

/// One session of a client. Functions return at once, except where they are `async`.
package protocol ClientSession: AnyObject, Sendable {
    /// Visible ASCII, unguessable.
    var id: String { get }
    var revision: ProtocolRevision { get }
    /// Serves one request; its answer and what belongs to it go to `stream`.
    func request(_ request: JSONRPCMessage, headers: [Header], stream: any ClientStream)
    /// Takes a notification or an answer to a request of ours.
    func accept(_ message: JSONRPCMessage)
    /// Makes `stream` one for what belongs to no request (GET); several may be open, each message goes to one. Again when
    /// the client has come back to it.
    func attach(_ stream: any ClientStream)
    /// The stream's connection is closed for good. Not a cancellation of the request it served (2025-06-18, Transports).
    func detach(_ stream: any ClientStream)
    /// Ends the session (DELETE): closes its backend sessions and streams.
    func end() async
    /// Calls `over` once when the session has ended, by whatever: its client, its age, or one session too many. At once
    /// when it has.
    func whenOver(_ over: @escaping @Sendable () -> Void)
}
