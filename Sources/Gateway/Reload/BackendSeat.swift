import Synchronization

/// The place of one backend in the catalogue, between its supervisor and the keeper.
///
/// A backend that is to take part later is started before: what it says first is kept until the place is taken. One that has
/// left says nothing more.
final class BackendSeat: OfferReceiver {
    private enum Phase {
        case waiting(OfferNews?)
        case taken
        case left
    }

    private struct State {
        var phase = Phase.waiting(nil)
        /// To be called once with the first news, while waiting.
        var answered: (@Sendable () -> Void)?
    }

    private let relay: OfferRelay
    private let state = Mutex(State())
    private let first = Latch()

    init(_ relay: OfferRelay) { self.relay = relay }

    /// Returns when the backend has offered its part or failed once, or after `limit` milliseconds.
    func answered(limit: UInt64, clock: GatewayClock) async { await first.wait(limit: limit, clock: clock) }

    /// Whether it has said something.
    var hasAnswered: Bool { first.isOpen }

    /// Calls `done` when the backend has said something; at once when it has.
    func whenAnswered(_ done: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            guard case .waiting(nil) = state.phase else { return true }
            state.answered = done
            return false
        }
        if isLate { done() }
    }

    /// From now on the catalogue hears of the backend.
    /// - Returns: What it has said so far.
    func take() -> OfferNews? {
        state.withLock { state in
            guard case .waiting(let news) = state.phase else { return nil }
            (state.phase, state.answered) = (.taken, nil)
            return news
        }
    }

    /// From now on nobody hears of the backend.
    func leave() {
        state.withLock { ($0.phase, $0.answered) = (.left, nil) }
        first.open()
    }

    // MARK: - OfferReceiver

    func offered(_ offer: BackendOffer, server: BackendServer) {
        if isTaken(.offered(offer, server)) { relay.offered(offer, server: server) }
    }

    func withdrawn(_ backend: String, _ outcome: Outcome) {
        if isTaken(.withdrawn(outcome)) { relay.withdrawn(backend, outcome) }
    }

    func closed(_ backend: String, _ outcome: Outcome) {
        if isTaken(.closed(outcome)) { relay.closed(backend, outcome) }
    }

    func progressed(_ backend: String, _ text: String) {
        if state.withLock({ if case .taken = $0.phase { true } else { false } }) { relay.progressed(backend, text) }
    }

    private func isTaken(_ news: OfferNews) -> Bool {
        let (isTaken, answered) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            switch state.phase {
            case .taken: return (true, nil)
            case .left: return (false, nil)
            case .waiting:
                state.phase = .waiting(news)
                defer { state.answered = nil }
                return (false, state.answered)
            }
        }
        first.open()
        answered?()
        return isTaken
    }
}
