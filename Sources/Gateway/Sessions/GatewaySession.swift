import Synchronization

/// One session of a client, for the revisions that have sessions.
///
/// It holds one session with each backend it has called, opened at the first call and kept: a stateful backend keeps its
/// state, and no call pays a handshake.
package final class GatewaySession: ClientSession {

    /// The session with one backend.
    enum Slot {
        /// With the calls that wait for it.
        case opening([ForwardedCall])
        case open(BackendSession)
    }

    struct State {
        var backends: [String: Slot] = [:]
        /// Calls under way by the client's raw id.
        var calls: [[UInt8]: ForwardedCall] = [:]
        /// Calls that the gateway answers itself likewise.
        var ownCalls: [[UInt8]: any OwnCall] = [:]
        var streams: [any ClientStream] = []
        var level: LogLevel?
        /// Changes that it was not told of for want of a stream, as whole notifications.
        var untold: [[UInt8]] = []
        /// The backend of each resource that the client is subscribed to.
        var subscriptions: [String: String] = [:]
        var lastUse: UInt64
        /// What the last request showed.
        var identity: (any CallerIdentity)?
        /// To be called when it has ended.
        var over: [@Sendable () -> Void] = []
        var isOver = false
    }

    package let id: String
    package let revision: ProtocolRevision
    let principal: Principal
    /// The client as its `initialize` described it.
    private let client: RequestOrigin
    /// What its `initialize` was told of tasks.
    let offeredTasks: TaskSupport
    let host: any SessionHost
    let state: Mutex<State>

    init(
        id: String, revision: ProtocolRevision, principal: Principal, client: RequestOrigin, tasks: TaskSupport = [],
        host: any SessionHost
    ) {
        self.id = id
        self.revision = revision
        self.principal = principal
        self.client = client
        offeredTasks = tasks
        self.host = host
        state = Mutex(State(lastUse: host.clock.now(), identity: principal.identity))
    }

    /// What the client can be asked.
    var capabilities: ClientCapabilities { client.capabilities }

    /// What its requests say of the client where they must say it themselves.
    var origin: RequestOrigin { client.wanting(state.withLock { $0.level ?? .info }) }

    // MARK: - Use and end

    func touch(_ now: UInt64) { state.withLock { $0.lastUse = now } }

    /// A request of its principal came, perhaps with a newer token.
    func touch(_ now: UInt64, by principal: Principal) {
        state.withLock { ($0.lastUse, $0.identity) = (now, principal.identity) }
    }

    /// On whose behalf requests are made now.
    var identity: (any CallerIdentity)? { state.withLock { $0.identity } }

    /// When it was last used; `nil` while something is open on it.
    var idleSince: UInt64? {
        state.withLock { $0.calls.isEmpty && $0.ownCalls.isEmpty && $0.streams.isEmpty ? $0.lastUse : nil }
    }

    var lastUse: UInt64 { state.withLock { $0.lastUse } }

    package func end() async {
        let ended = state.withLock { state -> State? in
            guard !state.isOver else { return nil }
            state.isOver = true
            defer {
                (state.backends, state.calls, state.ownCalls) = ([:], [:], [:])
                (state.streams, state.subscriptions, state.over) = ([], [:], [])
            }
            return state
        }
        guard let ended else { return }
        host.subscriptions.give(principal, ended.subscriptions.count)
        for call in ended.ownCalls.values { call.abandon() }
        for call in ended.calls.values { call.abandon() }
        for request in host.serverRequests.takeAll(of: self) { request.refuse("the client's session has ended") }
        for stream in ended.streams { stream.close() }
        for case .open(let session) in ended.backends.values { leave(session) }
        forgetTasks()
        host.ended(self)
        for over in ended.over { over() }
    }

    package func whenOver(_ over: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if !state.isOver { state.over.append(over) }
            return state.isOver
        }
        if isOver { over() }
    }

    // MARK: - Notifications of the client

    package func accept(_ message: JSONRPCMessage) {
        touch(host.clock.now())
        switch message.method {
        case "notifications/cancelled":
            guard let id = message.params?["requestId"] else { return }
            let (call, own) = state.withLock { ($0.calls[id.array], $0.ownCalls[id.array]) }
            call?.cancel()
            own?.cancel()
        case "notifications/roots/list_changed": rootsChanged(message)
        default: if message.kind == .response { answered(message) }
        }
    }

    func setLevel(_ request: JSONRPCMessage, id: JSONSlice, stream: any ClientStream) {
        guard let text = request.params?["level"]?.string, let level = LogLevel(rawValue: text) else {
            let known = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            let message = "Invalid params: \"level\" must be one of \(known)"
            return stream.finish(JSONRPCWriter.error(id: id.array, code: -32602, message: message))
        }
        let sessions = state.withLock { state in
            state.level = level
            return state.backends.values.compactMap { if case .open(let session) = $0 { session } else { nil } }
        }
        for session in sessions { session.wantLogs(at: level) }
        stream.finish(JSONRPCWriter.result(id: id.bytes, "{}".utf8))
    }
}
