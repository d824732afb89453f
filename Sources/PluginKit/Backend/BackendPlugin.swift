/// A backend: an MCP server of any kind, local or remote.
///
/// The host is the MCP client: it makes messages, ids, progress tokens and capabilities. The plugin carries messages: it
/// opens a session with its server, sends bytes, hands up what comes back, and says when the session is lost. For a plugin
/// that *is* the server, ``ToolServer`` does all of this.
///
/// Every function may be called from any thread, and returns without waiting for I/O.
public protocol BackendPlugin: PluginInstance {
    /// What the transport is like; asked once, when the instance was made.
    var traits: BackendTraits { get }

    /// Whether ``listen(_:call:)`` is of use; asked once, when the instance was made. `false` by default.
    var listens: Bool { get }

    /// Opens a session. `session` is the host's number for it, never reused. Resolves when messages can be sent; the sink
    /// may be used from then on, until ``close(_:call:)`` resolved.
    func open(_ session: UInt64, parameters: SessionParameters, sink: SessionSink, call: Call)

    /// Sends one JSON-RPC message. The answer is emitted on `call` or given as `last`, or comes on the session's sink with
    /// ``BackendTraits/answersOnSession``; then `call` is resolved as soon as the message is on its way.
    func send(_ session: UInt64, message: RawSpan, call: Call)

    /// Listens for what belongs to no call: messages are emitted on `call`, which is resolved when the server ends the
    /// stream, or with ``Status/unsupported`` when it has none.
    func listen(_ session: UInt64, call: Call)

    /// Ends a session, politely where the transport can. An unknown session resolves with ok.
    func close(_ session: UInt64, call: Call)

    /// The host wants more after ``SessionSink/message(_:)-(RawSpan)`` answered ``Flow/pause``.
    func resumeSession(_ session: UInt64)
}

extension BackendPlugin {
    /// `false`
    public var listens: Bool { false }
    /// Resolves with ``Status/unsupported``.
    public func listen(_ session: UInt64, call: Call) {
        call.resolve(Outcome(.unsupported, "this backend has no stream of its own for notifications", notSent: true))
    }
    /// Does nothing.
    public func resumeSession(_ session: UInt64) {}
}

/// What a backend's transport is like (`vmcp_backend.traits`).
public struct BackendTraits: OptionSet, Sendable {
    /// The bits of the ABI.
    public let rawValue: UInt32
    /// Makes a set from the bits of the ABI.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// One session may serve several clients at a time.
    public static let shareable = BackendTraits(rawValue: 1)
    /// Answers arrive on the session's sink, not on the call that sent the request.
    public static let answersOnSession = BackendTraits(rawValue: 2)
    /// The transport has headers: ``Call/headers`` are sent.
    public static let hasHeaders = BackendTraits(rawValue: 4)
    /// The server is elsewhere: private addresses, credentials and TLS matter.
    public static let remote = BackendTraits(rawValue: 8)
}

/// What is known when a session is opened.
public struct SessionParameters: Sendable, Equatable {
    /// The session serves several clients.
    public var isShared: Bool
    /// On whose behalf, 0 = the gateway itself.
    public var identity: UInt64
    /// To be sent with every message of the session.
    public var headers: [Header]

    /// Makes parameters; by default those of a session of the gateway itself.
    public init(isShared: Bool = false, identity: UInt64 = 0, headers: [Header] = []) {
        self.isShared = isShared
        self.identity = identity
        self.headers = headers
    }
}
