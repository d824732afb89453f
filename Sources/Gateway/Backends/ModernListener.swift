import Synchronization

/// Hears of changes from a backend of 2026-07-28: keeps the stream of ``ListenPlan`` open, and stands in for
/// `resources/subscribe` and `resources/unsubscribe`, which that revision does not have.
final class ModernListener: Sendable {
    /// Milliseconds that a stream must last for its end to be nothing unusual.
    private static let steady: UInt64 = 30_000

    private struct State {
        var plan: ListenPlan?
        var waiting: [String: [any BackendReply]] = [:]
        var pause = BackoffDelay(first: 1_000, ceiling: 60_000)
        var openedAt: UInt64 = 0
        var alarm: Task<Void, Never>?
        var isStopped = false
    }

    private struct Owner { weak var session: BackendSession? }

    private let clock: GatewayClock
    private let owner = Mutex(Owner())
    private let state = Mutex(State())
    private let underWay = Latch()

    init(clock: GatewayClock) { self.clock = clock }

    /// - Parameter lists: The lists whose changes are to be told.
    func start(for session: BackendSession, lists: Set<OfferKind>) {
        owner.withLock { $0.session = session }
        perform { state in
            var plan = ListenPlan(methods: Set(lists.map(\.changedMethod)))
            defer { state.plan = plan }
            return plan.begin()
        }
    }

    /// Returns when what the backend tells arrives, after 1,500 ms at the latest.
    func opened() async { await underWay.wait(limit: 1_500, clock: clock) }

    /// Whether changes of a list are told.
    func watches(_ kind: OfferKind) -> Bool {
        state.withLock { $0.plan?.honoured?.methods.contains(kind.changedMethod) == true }
    }

    /// The session has ended; its requests, the streams among them, have failed or will.
    func stop() {
        underWay.open()
        let (waiting, alarm) = state.withLock { state in
            state.isStopped = true
            defer { (state.waiting, state.alarm) = ([:], nil) }
            return (state.waiting.values.flatMap { $0 }, state.alarm)
        }
        alarm?.cancel()
        for reply in waiting {
            reply.failed(Outcome(.unavailable, sessionLost: true, message: "the session has ended"))
        }
    }

    // MARK: - Subscriptions of clients

    /// Answers `resources/subscribe` when the backend has agreed.
    func subscribe(_ uri: String, _ reply: any BackendReply) {
        let isOver = state.withLock { state in
            if !state.isStopped { state.waiting[uri, default: []].append(reply) }
            return state.isStopped
        }
        if isOver {
            return reply.failed(
                Outcome(.unavailable, notSent: true, sessionLost: true, message: "the session has ended"))
        }
        perform { $0.plan?.subscribe(uri) ?? [] }
    }

    /// Answers `resources/unsubscribe` at once.
    func unsubscribe(_ uri: String, _ reply: any BackendReply) {
        perform { $0.plan?.unsubscribe(uri) ?? [] }
        Self.answer(reply, "\"result\":{}")
    }

    private static func answer(_ reply: any BackendReply, _ member: String) {
        // A text of our own making is always a message.
        do throws(JSONRPCMessage.Malformed) {
            reply.answered(try JSONRPCMessage(Array("{\"jsonrpc\":\"2.0\",\"id\":0,\(member)}".utf8)))
        } catch {
            reply.failed(Outcome(.internalError))
        }
    }

    // MARK: - What comes

    /// Takes a notification that belongs to a stream.
    /// - Returns: What is to be passed on, without the mark of this hop; `nil` for what concerns the stream alone, and for
    ///   what belongs to no stream of ours.
    func take(_ notification: JSONRPCMessage) -> JSONRPCMessage? {
        if notification.method == "notifications/cancelled" {
            if let id = notification.params?["requestId"]?.integer { ended(UInt64(clamping: id), isUnknown: false) }
            return nil
        }
        guard let meta = notification.params?["_meta"],
            let id = meta[ModernProtocol.subscriptionKey]?.integer.map({ UInt64(clamping: $0) }),
            state.withLock({ $0.plan?.knows(id) == true })
        else { return nil }
        if notification.method == "notifications/subscriptions/acknowledged" {
            let honoured = ListenFilter(acknowledged: notification.params?["notifications"])
            perform { $0.plan?.acknowledged(id, honoured) ?? [] }
            return nil
        }
        var splice = JSONSplice()
        splice.replace(meta.range, with: ReservedMeta.removed(from: meta))
        do throws(JSONRPCMessage.Malformed) {
            return try JSONRPCMessage(splice.apply(to: notification.json))
        } catch {
            return nil
        }
    }

    fileprivate func doubts() { owner.withLock { $0.session }?.health.note(.doubtful, from: .call) }

    fileprivate func ended(_ id: UInt64, isUnknown: Bool) {
        let now = clock.now()
        perform { state in
            if now >= state.openedAt + Self.steady { state.pause.reset() }
            return state.plan?.ended(id, isUnknown: isUnknown) ?? []
        }
    }

    // MARK: - Doing what the plan says

    private func perform(_ change: (inout State) -> [ListenPlan.Action]) {
        let actions = state.withLock { $0.isStopped ? [] : change(&$0) }
        for action in actions { perform(action) }
    }

    private func perform(_ action: ListenPlan.Action) {
        let session = owner.withLock { $0.session }
        switch action {
        case .open(let filter): if let session { open(filter, session) }
        case .close(let id): session?.cancel(id, reason: .shutdown)
        case .underWay: underWay.open()
        case .refresh: session?.reopened()
        case .pause: pauseThenResume()
        case .settle(let uris, let agreed):
            let waiting = state.withLock { state in uris.flatMap { state.waiting.removeValue(forKey: $0) ?? [] } }
            let refusal =
                "\"error\":{\"code\":-32602,\"message\":\"The backend does not tell of changes of this resource\"}"
            for reply in waiting { Self.answer(reply, agreed ? "\"result\":{}" : refusal) }
        }
    }

    private func open(_ filter: ListenFilter, _ session: BackendSession) {
        let now = clock.now()
        state.withLock { $0.openedAt = now }
        let params = Array("{\"notifications\":".utf8) + filter.json + [UInt8(ascii: "}")]
        let reply = ListenReply(self)
        session.send(reply, method: "subscriptions/listen", params: params, context: CallContext()) { id in
            reply.id.store(id, ordering: .releasing)
            state.withLock { $0.plan?.sent(id) }
        }
    }

    private func pauseThenResume() {
        let pause = state.withLock { $0.pause.next() }
        let alarm = Task { [weak self, clock] in
            do { try await clock.sleep(pause) } catch { return }
            self?.perform { $0.plan?.resume() ?? [] }
        }
        let isStopped = state.withLock { state in
            state.alarm = alarm
            return state.isStopped
        }
        if isStopped { alarm.cancel() }
    }
}

/// The end of one stream; what it brings comes as notifications of the session.
private final class ListenReply: BackendReply {
    /// Our id of its request; 0 until it is sent.
    let id = Atomic<UInt64>(0)
    private let listener: ModernListener

    init(_ listener: ModernListener) { self.listener = listener }

    func notified(_ notification: [UInt8], level: LogLevel?) {}
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { false }
    func answered(_ response: JSONRPCMessage) { end(isUnknown: response.error?["code"]?.integer == -32601) }
    func failed(_ outcome: Outcome) {
        // Its server may be gone, which a call need not be the first to find.
        if outcome.status == .unavailable { listener.doubts() }
        end(isUnknown: outcome.status == .unsupported)
    }

    private func end(isUnknown: Bool) { listener.ended(id.load(ordering: .acquiring), isUnknown: isUnknown) }
}
