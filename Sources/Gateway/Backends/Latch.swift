import Synchronization

/// Something that happens once and that many wait for, each for a limited time.
final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var next: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Whether it has happened.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// It has happened; again is fine.
    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when it has happened, or after `limit` milliseconds; `nil` waits for ever.
    func wait(limit: UInt64?, clock: GatewayClock) async {
        guard !isOpen else { return }
        var alarm: Task<Void, Never>?
        await withCheckedContinuation { continuation in
            let number = state.withLock { state -> UInt64? in
                guard !state.isOpen else { return nil }
                state.next += 1
                state.waiters[state.next] = continuation
                return state.next
            }
            guard let number else { return continuation.resume() }
            guard let limit else { return }
            alarm = Task { [weak self] in
                do { try await clock.sleep(limit) } catch { return }
                self?.giveUp(number)
            }
        }
        alarm?.cancel()
    }

    private func giveUp(_ number: UInt64) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
    }
}
