/// Where one backend session stands: a value without I/O.
struct BackendSessionState {
    private enum Phase {
        case opening
        case ready(BackendServer)
        case over(Outcome)
    }

    private var phase = Phase.opening
    /// It is over for new requests, and those under way come to their own ends.
    private(set) var isLeaving = false
    var pending = PendingRequests()
    /// Requests that are sent a second time, by the id their caller knows.
    var repeated: [UInt64: ModernExchange] = [:]
    /// Writes requests to a backend of 2026-07-28.
    var dialect: ModernRequest
    /// Ends of requests that wait until it is known of which era the server is.
    private var doubted: [BackendSession.Doubted] = []
    /// The ids of the questions that find it out: their own ends are answers.
    var discoveries: Set<UInt64> = []
    /// Whether several clients use the session.
    var isShared: Bool
    /// The server on a pipe has ended while it was asked `server/discover`.
    var endedByDiscovery = false
    /// The log level the backend was asked for last.
    private var level: LogLevel?

    init(shared: Bool, identity: GatewayIdentity) {
        isShared = shared
        dialect = ModernRequest(identity, server: nil)
    }

    /// What the backend said of itself; `nil` before it did and after the session ended.
    var server: BackendServer? { if case .ready(let server) = phase { server } else { nil } }

    var isInUse: Bool {
        switch phase {
        case .opening: true
        case .ready: !repeated.isEmpty || pending.requests.values.contains { $0.isCall }
        case .over: isLeaving
        }
    }

    /// It is known what the backend speaks and offers.
    /// - Parameter sharesModern: Whether a session of 2026-07-28, which keeps nothing of a client, serves all of them.
    /// - Throws: How the session ended meanwhile.
    mutating func open(_ server: BackendServer, identity: GatewayIdentity, sharesModern: Bool) throws(Outcome) {
        if case .over(let outcome) = phase { throw outcome }
        phase = .ready(server)
        dialect = ModernRequest(identity, server: server)
        if server.isModern, sharesModern { isShared = true }
    }

    /// Ends the session.
    ///
    /// Whatever made it end, its requests were sent before: they may have run and must not be repeated, unless the server
    /// refused them.
    /// - Parameter leavesRequests: Each request has an exchange of its own that says what became of it.
    /// - Returns: The requests that fail with it, and how they fail; `nil` when it was over before.
    mutating func end(
        _ outcome: Outcome, leavesRequests: Bool = false
    ) -> (requests: [PendingRequests.Request], outcome: Outcome)? {
        if case .over = phase, !isLeaving || leavesRequests { return nil }
        phase = .over(outcome)
        var failure = outcome
        failure.sessionLost = true
        isLeaving = leavesRequests && !pending.requests.isEmpty
        return (isLeaving ? [] : pending.removeAll(), failure)
    }

    /// Whether the last request of a session that is leaving has come to its end; true once.
    mutating func hasLeft() -> Bool {
        guard isLeaving, pending.requests.isEmpty else { return false }
        isLeaving = false
        return true
    }

    /// Keeps the end of a request that is still waited for: the server refused it, and it did not run.
    /// - Returns: Whether it is the first; `nil` when it is not kept.
    mutating func doubt(_ end: BackendSession.Doubted) -> Bool? {
        guard !discoveries.contains(end.id), pending.refuse(end.id) else { return nil }
        doubted.append(end)
        return doubted.count == 1
    }

    mutating func takeDoubts() -> [BackendSession.Doubted] {
        defer { doubted = [] }
        return doubted
    }

    /// Enters a request.
    /// - Throws: ``Outcome`` with `notSent` and `sessionLost` when the session is over.
    mutating func add(_ request: PendingRequests.Request) throws(Outcome) -> UInt64 {
        if case .over(var outcome) = phase {
            outcome.notSent = true
            outcome.sessionLost = true
            throw outcome
        }
        return pending.add(request)
    }

    /// Notes that a client wants log messages of this level.
    ///
    /// A session of several clients keeps the lowest level that any wants; those that never said get ``LogLevel/info``.
    /// - Returns: The level to ask the backend for; `nil` when it need not be asked.
    mutating func want(_ wanted: LogLevel) -> LogLevel? {
        // In 2026-07-28 each request says what it wants.
        guard let server, server.offersLogging, !server.isModern else { return nil }
        let asked = isShared ? min(wanted, level ?? .info, .info) : wanted
        guard asked != level else { return nil }
        level = asked
        return asked
    }
}
