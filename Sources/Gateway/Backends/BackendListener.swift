import Synchronization

/// Keeps the stream open on which a backend sends what belongs to no request, for as long as its session lives.
final class BackendListener: Sendable {
    /// Milliseconds that a stream must last for its end to be nothing unusual.
    private static let steady: UInt64 = 30_000

    private struct State {
        var task: Task<Void, Never>?
        /// The link's number of the call that listens; 0 = none.
        var call: UInt64 = 0
        var isStopped = false
    }

    private let link: any BackendLink
    private let clock: GatewayClock
    private let state = Mutex(State())
    /// Open once the stream is, or once it is known that there will be none.
    private let underWay = Latch()

    init(link: any BackendLink, clock: GatewayClock) {
        self.link = link
        self.clock = clock
    }

    /// Listens until the session ends or the backend says that it has no such stream.
    func start(for session: BackendSession) {
        guard link.listens else { return }
        state.withLock { state in
            guard !state.isStopped, state.task == nil else { return }
            state.task = Task { [weak session, self] in await run { session } }
        }
    }

    /// Returns when what the backend tells arrives, after 1,500 ms at the latest: a request sent before could cause
    /// something that is told to nobody.
    func opened() async {
        guard link.listens else { return }
        await underWay.wait(limit: 1_500, clock: clock)
    }

    func stop() {
        underWay.open()
        let (task, call) = state.withLock { state in
            state.isStopped = true
            return (state.task, state.call)
        }
        task?.cancel()
        if call != 0 { link.cancel(call, reason: .shutdown) }
    }

    /// - Parameter session: Held weakly between attempts; a session that nobody holds needs no stream.
    private func run(_ session: () -> BackendSession?) async {
        // A server that ends its streams at once gets growing pauses, or each would bring a reading of all its lists.
        var pause = BackoffDelay(first: 1_000, ceiling: 60_000)
        var isAgain = false
        while !Task.isCancelled, let current = session(), current.server != nil {
            let began = clock.now()
            let outcome = await listen(current, isAgain: isAgain)
            if isAgain { await current.doubtStream(outcome) }
            switch outcome.status {
            case .unsupported, .cancelled: return
            default: if outcome.sessionLost { return current.lost(outcome) }
            }
            // Its server may be gone, which a call need not be the first to find.
            if outcome.status == .unavailable { current.health.note(.doubtful, from: .call) }
            if clock.now() >= began + Self.steady { pause.reset() }
            do { try await clock.sleep(pause.next()) } catch { return }
            isAgain = true
        }
    }

    private func listen(_ session: BackendSession, isAgain: Bool) async -> Outcome {
        await withCheckedContinuation { (done: CheckedContinuation<Outcome, Never>) in
            let call = link.listen(
                session.number, context: session.withHeaders(CallContext()),
                observer: ListenObserver(session, opened: { self.underWay.open() }) { outcome in
                    self.underWay.open()
                    done.resume(returning: outcome)
                })
            let isStopped = state.withLock { state in
                state.call = call
                return state.isStopped
            }
            if isStopped { link.cancel(call, reason: .shutdown) }
            // Only now: what changed before this stream was asked for is read, what changes later arrives on it.
            if isAgain { session.reopened() }
        }
    }
}

private final class ListenObserver: BackendCallObserver {
    private weak let session: BackendSession?
    private let opened: @Sendable () -> Void
    private let done: @Sendable (Outcome) -> Void

    init(
        _ session: BackendSession, opened: @escaping @Sendable () -> Void, done: @escaping @Sendable (Outcome) -> Void
    ) {
        self.session = session
        self.opened = opened
        self.done = done
    }

    func received(_ message: [UInt8]) -> Flow {
        guard let session else { return .stop }
        session.ingest(message, request: nil)
        return .go
    }
    func progressed(_ text: String) { opened() }
    func ended(_ outcome: Outcome, last: [UInt8]) {
        if !last.isEmpty { session?.ingest(last, request: nil) }
        done(outcome)
    }
}
