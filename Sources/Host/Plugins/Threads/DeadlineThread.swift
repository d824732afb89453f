import Gateway
import Synchronization

/// The one thread that watches the deadlines of all calls.
///
/// A call that ends in time leaves its entry behind: taking it out would cost every call a search, and most deadlines
/// are never reached. Entries of ended calls are swept out when the heap has doubled since the last sweep.
final class DeadlineThread: Sendable {
    /// For the life of the process, as the table of callbacks is.
    static let shared = DeadlineThread()

    private struct State: Sendable {
        var heap = DeadlineHeap()
        var actions: [UInt64: @Sendable () -> Void] = [:]
        var nextAction: UInt64 = 1
        var sweepAt = 4_096
        var running = false
    }

    private let monitor = Monitor(State())

    /// Deadlines kept, stale ones included.
    var count: Int { monitor.withLock { $0.heap.count } }

    /// Has ``PendingCalls/expire(_:now:)`` called for a call when `due` has come.
    func watch(_ number: ContextNumber, due: UInt64) {
        start(monitor.update { state in add(DeadlineHeap.Item(due: due, number: number.rawValue), to: &state) })
    }

    /// Runs an action once, at `due` or later. It must not block.
    /// - Returns: Its number, for ``forget(_:)``.
    func schedule(due: UInt64, _ action: @escaping @Sendable () -> Void) -> UInt64 {
        let (number, starts) = monitor.update { state -> (answer: (UInt64, Bool), wake: Bool) in
            // Slot 0 belongs to no plugin, so actions and calls never share a number.
            let number = state.nextAction
            state.nextAction += 1
            state.actions[number] = action
            let (starts, wake) = add(DeadlineHeap.Item(due: due, number: number), to: &state)
            return ((number, starts), wake)
        }
        start(starts)
        return number
    }

    /// Forgets an action that has not begun.
    func forget(_ action: UInt64) {
        monitor.withLock { _ = $0.actions.removeValue(forKey: action) }
    }

    /// - Returns: Whether the thread must be started, and whether it must look again.
    private func add(_ item: DeadlineHeap.Item, to state: inout State) -> (answer: Bool, wake: Bool) {
        let wake = state.heap.push(item)
        if state.heap.count >= state.sweepAt {
            let actions = state.actions
            state.heap.removeAll { number in
                let context = ContextNumber(rawValue: number)
                if context.slot == 0 { return actions[number] == nil }
                return CallbackDirectory.ledger(of: context)?.calls.isPending(context) != true
            }
            state.sweepAt = max(4_096, 2 * state.heap.count)
        }
        let starts = !state.running
        state.running = true
        return (starts, wake)
    }

    private func start(_ needed: Bool) {
        guard needed, !WorkerThread.start("vmcp-deadlines", { self.serve() }) else { return }
        // Without the thread no call would end by itself; the next call tries again.
        monitor.withLock { $0.running = false }
    }

    private func serve() {
        while true {
            let item = monitor.wait { state -> Monitor<State>.Wait<(DeadlineHeap.Item, (@Sendable () -> Void)?)> in
                guard let item = state.heap.pop(at: MonotonicClock.now()) else { return .until(state.heap.earliest) }
                return .done((item, state.actions.removeValue(forKey: item.number)))
            }
            if let action = item.1 {
                action()
                continue
            }
            let number = ContextNumber(rawValue: item.0.number)
            guard let calls = CallbackDirectory.ledger(of: number)?.calls else { continue }
            if let next = calls.expire(number, now: MonotonicClock.now()) { watch(number, due: next) }
        }
    }
}
