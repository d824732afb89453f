import Synchronization

/// How long lists wait for backends that have not answered yet after the start.
///
/// Not for as long as the slowest takes: a backend that hangs would hold all clients. They wait while backends come as those
/// before them did: once one has taken some time to be ready, the others have as long again, at least ``shortest``. What
/// comes later is told by `list_changed`. While none is ready there is nothing to list, so lists wait up to the limit; so
/// they do when lists are to be whole or an error.
final class StartGrace: Sendable {
    /// Milliseconds that backends have after one that was ready, at least.
    static let shortest: UInt64 = 50

    private struct State {
        var alarm: Task<Void, Never>?
        var isOver = false
    }

    private let clock: GatewayClock
    private let began: UInt64
    /// Longest grace in milliseconds.
    private let limit: UInt64
    private let waitsForAll: Bool
    private let over = Latch()
    private let state = Mutex(State())

    init(clock: GatewayClock, limit: UInt64, waitsForAll: Bool = false) {
        (self.clock, self.limit, self.waitsForAll) = (clock, limit, waitsForAll)
        began = clock.now()
    }

    var isOver: Bool { over.isOpen }

    /// Returns when the grace is over.
    func wait() async { await over.wait(limit: nil, clock: clock) }

    /// The backends are being started.
    func begin() { last(limit) }

    /// A backend is ready.
    func backendReady() {
        guard !waitsForAll else { return }
        let taken = clock.now() - began
        last(min(limit, max(2 * taken, taken + Self.shortest)))
    }

    /// Every backend has answered or failed, or the gateway ends.
    func end() {
        let alarm = state.withLock { state in
            state.isOver = true
            defer { state.alarm = nil }
            return state.alarm
        }
        alarm?.cancel()
        over.open()
    }

    /// The grace lasts until so many milliseconds after its begin, whatever was said before.
    private func last(_ milliseconds: UInt64) {
        let former = state.withLock { state -> Task<Void, Never>? in
            guard !state.isOver else { return nil }
            let end = began + milliseconds
            defer {
                state.alarm = Task { [weak self, clock] in
                    do { try await clock.sleep(end - min(end, clock.now())) } catch { return }
                    self?.end()
                }
            }
            return state.alarm
        }
        former?.cancel()
    }
}
