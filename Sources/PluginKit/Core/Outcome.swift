/// How something ended (`vmcp_status`). Numbers are those of the ABI; one that is not known counts as `internalError`.
public enum Status: Int32, Sendable, CaseIterable {
    /// It worked.
    case ok = 0
    /// The input is wrong and will stay wrong.
    case invalid = 1
    /// Not offered here.
    case unsupported = 2
    /// No such thing.
    case notFound = 3
    /// A credential is missing or refused.
    case unauthenticated = 4
    /// The credential does not suffice.
    case forbidden = 5
    /// No answer in time.
    case timeout = 6
    /// A cancellation was honoured.
    case cancelled = 7
    /// Not reachable now; trying later may help.
    case unavailable = 8
    /// The other side broke its protocol.
    case protocolError = 9
    /// A limit was reached: size, rate, memory.
    case exhausted = 10
    /// A defect of the plugin or of the host.
    case internalError = 11
}

/// How a call, a session or a transfer ended, with what people and the host need to know about it.
public struct Outcome: Sendable, Equatable {
    /// The verdict.
    public var status: Status
    /// The request certainly did not reach the other side: repeating it is safe.
    public var notSent: Bool
    /// The session that the call belongs to is gone; another must be opened.
    public var sessionLost: Bool
    /// The HTTP status that led to this, 0 when there was none.
    public var httpStatus: Int
    /// Milliseconds after which trying again makes sense, 0 when not known.
    public var retryAfter: UInt64
    /// One sentence for people; never a secret.
    public var message: String
    /// The value of `WWW-Authenticate`, empty when there was none.
    public var challenge: String

    /// Makes an outcome; everything but the status has a neutral default.
    public init(
        _ status: Status, _ message: String = "", notSent: Bool = false, sessionLost: Bool = false,
        httpStatus: Int = 0, retryAfter: UInt64 = 0, challenge: String = ""
    ) {
        self.status = status
        self.message = message
        self.notSent = notSent
        self.sessionLost = sessionLost
        self.httpStatus = httpStatus
        self.retryAfter = retryAfter
        self.challenge = challenge
    }

    /// It worked, and there is nothing more to say.
    public static let ok = Outcome(.ok)
}

/// What the receiver of data answers to its sender (`VMCP_GO`, `VMCP_PAUSE`, `VMCP_STOP`).
public enum Flow: Int32, Sendable {
    /// Go on.
    case go = 0
    /// Taken, but no more until it is asked for.
    case pause = 1
    /// Nobody listens any more.
    case stop = 2
}

/// Why nobody waits for a call any more.
public enum CancelReason: UInt32, Sendable {
    /// The client asked for it, or went away.
    case byClient = 1
    /// The host stopped waiting.
    case deadline = 2
    /// The gateway ends, or the instance is replaced.
    case shutdown = 3
}

/// Why an instance could not be made, or a service of the host could not do what was asked.
public struct PluginError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    public var status: Status
    /// One sentence: what was expected, what was found, where, and what to do. Never a secret.
    public var message: String

    /// Makes an error; `invalid` is the status of a wrong configuration.
    public init(_ status: Status = .invalid, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

/// One name with its value: an HTTP header, an environment variable, a label, a field of a log line.
public struct Header: Sendable, Equatable {
    /// As it is sent; HTTP compares it without case.
    public var name: String
    /// As it is sent.
    public var value: String

    /// Makes a pair.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
