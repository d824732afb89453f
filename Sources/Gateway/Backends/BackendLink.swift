/// How a call, a session or a transfer ended, in the terms of the plugin ABI (`vmcp_outcome`).
package struct Outcome: Sendable, Equatable, Error {
    /// The numbers are those of `vmcp_status`.
    package enum Status: Int32, Sendable, CaseIterable {
        case ok = 0
        case invalid, unsupported, notFound, unauthenticated, forbidden, timeout, cancelled, unavailable, protocolError
        case exhausted, internalError
    }

    /// Why the gateway itself refuses to send something. The raw values are categories (``FailureAnswer/category(_:)``).
    package enum Refusal: String, Sendable, CaseIterable {
        /// The backend has failed too often (`operational.failureHandling.circuitBreaker`).
        case circuitOpen = "circuit_open"
        /// The backend is known to be away.
        case away = "backend_unavailable"
    }

    package var status: Status
    /// The request certainly did not reach the other side: repeating it is safe.
    package var notSent: Bool
    /// The session that the call belonged to is gone.
    package var sessionLost: Bool
    /// 0 when there was none.
    package var httpStatus: Int
    /// Milliseconds; 0 when not known.
    package var retryAfter: UInt64
    /// Why the gateway let nothing through; `nil` when it did.
    package var refusal: Refusal?
    /// One sentence for people; never a secret.
    package var message: String
    /// The value of `WWW-Authenticate`; empty when there was none.
    package var challenge: String

    package init(
        _ status: Status, notSent: Bool = false, sessionLost: Bool = false, httpStatus: Int = 0, retryAfter: UInt64 = 0,
        message: String = "", challenge: String = "", refusal: Refusal? = nil
    ) {
        self.status = status
        self.notSent = notSent
        self.sessionLost = sessionLost
        self.httpStatus = httpStatus
        self.retryAfter = retryAfter
        self.message = message
        self.challenge = challenge
        self.refusal = refusal
    }

    package static let ok = Outcome(.ok)
}

/// What the receiver of data answers to its sender (`VMCP_GO`, `VMCP_PAUSE`, `VMCP_STOP`).
package enum Flow: Int32, Sendable { case go = 0, pause, stop }

/// Why nobody waits for a call any more (`VMCP_CANCEL_BY_CLIENT` and so on).
package enum CancelReason: UInt32, Sendable { case byClient = 1, deadline, shutdown }

/// What a backend's transport is like (`vmcp_backend.traits`).
package struct BackendTraits: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// One session may serve several clients at a time.
    package static let shareable = BackendTraits(rawValue: 1)
    /// Answers arrive on the session's sink, not on the call that sent the request.
    package static let answersOnSession = BackendTraits(rawValue: 2)
    /// The transport has headers.
    package static let hasHeaders = BackendTraits(rawValue: 4)
    /// The server is elsewhere.
    package static let remote = BackendTraits(rawValue: 8)
}

/// One name with its value.
package struct Header: Sendable, Equatable {
    package var name: String
    package var value: String
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What accompanies one message to a backend.
package struct CallContext: Sendable {
    /// Milliseconds on the monotonic clock (``MonotonicClock``); 0 = none.
    package var deadline: UInt64
    /// Longest silence in milliseconds; 0 = none.
    package var idle: UInt64
    /// On whose behalf; 0 = the gateway itself.
    package var identity: UInt64
    package var headers: [Header]
    /// W3C trace context; empty when there is none.
    package var traceParent: String
    package var traceState: String

    package init(
        deadline: UInt64 = 0, idle: UInt64 = 0, identity: UInt64 = 0, headers: [Header] = [], traceParent: String = "",
        traceState: String = ""
    ) {
        self.deadline = deadline
        self.idle = idle
        self.identity = identity
        self.headers = headers
        self.traceParent = traceParent
        self.traceState = traceState
    }
}

/// Gets what a call brings.
///
/// The link calls `received` zero or more times, in order and one at a time, and then `ended` exactly once, from any
/// thread. It keeps the observer until then.
package protocol BackendCallObserver: AnyObject, Sendable {
    /// A whole JSON-RPC message, or, during `start` and `open`, nothing.
    func received(_ message: [UInt8]) -> Flow
    /// One line of text for people about work that takes time; during `listen`: the stream is open.
    func progressed(_ text: String)
    /// The end. `last` is the last message, whole: chunks are put together by the link; empty when there is none.
    func ended(_ outcome: Outcome, last: [UInt8])
}

/// Gets what belongs to no call of a session.
package protocol BackendSessionObserver: AnyObject, Sendable {
    /// A whole JSON-RPC message; in order, one at a time.
    func received(_ message: [UInt8]) -> Flow
    /// The session is gone; once, nothing after it.
    func lost(_ outcome: Outcome)
}

/// A way to carry MCP messages to one backend: the seam between the gateway and its plugins.
///
/// The plugin host implements it over `vmcp_backend`; tests implement it in memory. Functions return at once. Each call
/// gets a number that ``cancel(_:reason:)`` and ``resume(_:)`` take. The link itself ends a call at its deadline with
/// ``Outcome/Status/timeout``.
package protocol BackendLink: Sendable {
    /// Valid once the backend is started.
    var traits: BackendTraits { get }
    /// Whether ``listen(_:context:observer:)`` may be of use.
    var listens: Bool { get }

    /// Whether ``check(context:observer:)`` says how the backend is (`vmcp.health/1`).
    var checks: Bool { get }

    /// Opens a session. `session` is a number never used before with this link.
    @discardableResult
    func open(
        _ session: UInt64, shared: Bool, context: CallContext, sessionObserver: any BackendSessionObserver,
        observer: any BackendCallObserver
    ) -> UInt64
    /// Sends one JSON-RPC message.
    @discardableResult
    func send(_ session: UInt64, _ message: [UInt8], context: CallContext, observer: any BackendCallObserver) -> UInt64
    /// Listens for messages that belong to no call; ends with ``Outcome/Status/unsupported`` when there is no such way.
    @discardableResult
    func listen(_ session: UInt64, context: CallContext, observer: any BackendCallObserver) -> UInt64
    /// Looks whether the backend can serve, without a request to it that a session would see.
    @discardableResult
    func check(context: CallContext, observer: any BackendCallObserver) -> UInt64
    /// Ends a session.
    @discardableResult
    func close(_ session: UInt64, context: CallContext, observer: any BackendCallObserver) -> UInt64
    /// Advises that nobody waits for this call any more; it still ends.
    func cancel(_ call: UInt64, reason: CancelReason)
    /// After ``Flow/pause`` of a call.
    func resume(_ call: UInt64)
    /// After ``Flow/pause`` of a session.
    func resumeSession(_ session: UInt64)
}

extension BackendLink {
    package var checks: Bool { false }
    package func check(context: CallContext, observer: any BackendCallObserver) -> UInt64 {
        observer.ended(Outcome(.unsupported, notSent: true, message: "the backend has no check of its own"), last: [])
        return 0
    }
}
