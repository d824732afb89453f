import Synchronization

/// Hears of some tasks of one backend of 2026-07-28: keeps a `subscriptions/listen` stream of its own open, since what is
/// told there is told to one client.
final class TaskWatch: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var stream: TaskStream?
        var agreed: Set<String> = []
        var isOver = false
    }

    /// The client's ids by the backend's.
    private let ids: [String: String]
    private let backend: Backend
    private let principal: Principal
    private let host: any StatelessHost
    private let deliver: @Sendable (JSONRPCMessage, String) -> Void
    private let state = Mutex(State())
    private let firstAnswer = Latch()

    init(
        _ ids: [String: String], backend: Backend, principal: Principal, host: any StatelessHost,
        deliver: @escaping @Sendable (JSONRPCMessage, String) -> Void
    ) {
        (self.ids, self.backend, self.principal) = (ids, backend, principal)
        (self.host, self.deliver) = (host, deliver)
    }

    /// The tasks that the backend agreed to tell of, as the client has them.
    var agreed: Set<String> { state.withLock { $0.agreed } }

    func start() {
        let task = Task { await self.run() }
        let isOver = state.withLock { state in
            state.task = task
            return state.isOver
        }
        if isOver { task.cancel() }
    }

    /// Returns when the backend has answered once, or cannot.
    func answered() async { await firstAnswer.wait(limit: nil, clock: host.clock) }

    func stop() {
        let (task, stream) = state.withLock { state in
            state.isOver = true
            defer { (state.task, state.stream) = (nil, nil) }
            return (state.task, state.stream)
        }
        task?.cancel()
        stream?.close()
        firstAnswer.open()
    }

    private func run() async {
        var pause = BackoffDelay(first: 1_000, ceiling: 60_000)
        while !Task.isCancelled {
            let isFinal = await listen()
            firstAnswer.open()
            if isFinal { return }
            do { try await host.clock.sleep(pause.next()) } catch { return }
        }
    }

    /// Listens until the stream ends.
    /// - Returns: Whether the backend tells nothing of these tasks, so that another attempt makes no sense.
    private func listen() async -> Bool {
        let result = await withCheckedContinuation {
            (done: CheckedContinuation<Result<BackendLease, Outcome>, Never>) in
            host.stateless.pool.lease(principal, backend) { done.resume(returning: $0) }
        }
        // Why there is none is in the backend's status already.
        guard case .success(let lease) = result else { return false }
        defer { lease.end() }
        guard lease.session.server?.tasks.contains(.decided) == true else { return true }
        let stream = TaskStream(session: lease.session) { [weak self] in self?.took($0) }
        let isOver = state.withLock { state in
            if !state.isOver { state.stream = stream }
            return state.isOver
        }
        if isOver { return true }
        let own = ids.keys.sorted().map(JSONText.quote).joined(separator: [UInt8(ascii: ",")])
        stream.open(params: Array("{\"notifications\":{\"taskIds\":[".utf8) + own + Array("]}}".utf8))
        await stream.ended.wait(limit: nil, clock: host.clock)
        return stream.isRefused || (stream.isAcknowledged && agreed.isEmpty)
    }

    private func took(_ message: JSONRPCMessage) {
        switch message.method {
        case "notifications/subscriptions/acknowledged":
            let told = message.params?["notifications"]?["taskIds"]?.elements.compactMap(\.string) ?? []
            let agreed = Set(told.compactMap { ids[$0] })
            state.withLock { state in
                state.agreed = agreed
                if agreed.isEmpty { state.stream?.close() }
            }
            firstAnswer.open()
        case "notifications/tasks":
            guard let id = message.params?["taskId"]?.string.flatMap({ ids[$0] }) else { return }
            deliver(message, id)
        default: break
        }
    }
}

/// Whoever has opened a `subscriptions/listen` stream of its own: gets what is told there as notifications.
protocol StreamReply: BackendReply {}

/// One `subscriptions/listen` request about tasks, and what comes on it.
private final class TaskStream: StreamReply {
    private struct State {
        /// Our id of the request; 0 until it is sent.
        var id: UInt64 = 0
        var isAcknowledged = false
        var isRefused = false
    }

    let ended = Latch()
    private let session: BackendSession
    private let took: @Sendable (JSONRPCMessage) -> Void
    private let state = Mutex(State())

    init(session: BackendSession, took: @escaping @Sendable (JSONRPCMessage) -> Void) {
        (self.session, self.took) = (session, took)
    }

    var isAcknowledged: Bool { state.withLock { $0.isAcknowledged } }
    /// The backend knows no such stream.
    var isRefused: Bool { state.withLock { $0.isRefused } }

    /// - Parameter params: Raw, without `_meta`.
    func open(params: [UInt8]) {
        session.send(
            self, method: "subscriptions/listen", params: params, context: CallContext(), origin: .gatewayWithTasks
        ) { id in
            state.withLock { $0.id = id }
        }
        // Closed between the two: the backend has it, and must hear of it.
        if ended.isOpen { cancel() }
    }

    func close() {
        ended.open()
        cancel()
    }

    private func cancel() {
        let id = state.withLock { $0.id }
        if id != 0 { session.cancel(id, reason: .shutdown) }
    }

    // MARK: - BackendReply

    func notified(_ notification: [UInt8], level: LogLevel?) {
        // Of a session's own making, so always a message.
        do throws(JSONRPCMessage.Malformed) {
            let message = try JSONRPCMessage(notification)
            // So a server on a pipe ends a stream (2026-07-28, Cancellation).
            if message.method == "notifications/cancelled" { return close() }
            if message.method == "notifications/subscriptions/acknowledged" {
                state.withLock { $0.isAcknowledged = true }
            }
            took(message)
        } catch {
            return
        }
    }

    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { false }

    func answered(_ response: JSONRPCMessage) {
        if let code = response.error?["code"]?.integer {
            state.withLock { $0.isRefused = [-32601, -32602, ModernProtocol.missingCapability].contains(code) }
        }
        ended.open()
    }

    func failed(_ outcome: Outcome) {
        state.withLock { $0.isRefused = outcome.status == .unsupported }
        ended.open()
    }
}
