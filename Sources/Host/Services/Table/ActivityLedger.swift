import Synchronization

/// What an instance has going on with the host's services, so that it can be ended as a whole.
///
/// An activity is in the ledger from before it starts until after its last sink function returned: once the ledger is
/// empty, no function of the instance runs.
final class ActivityLedger: Sendable {
    enum Activity: Hashable, Sendable {
        case exchange(UInt64), timer(UInt64), process(UInt64), watch(UInt64), token(UInt64)
    }

    /// What a new activity may do.
    enum Admission { case start, cancelAtOnce, drop }

    private struct State {
        var open: Set<Activity> = []
        var isEnding = false
        /// New activities since the end began.
        var latecomers = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// An instance that answers each cancelled exchange with a new one would never end.
    private static let mostLatecomers = 64
    private let state = Mutex(State())

    /// Enters an activity, unless the answer is ``Admission/drop``.
    func begin(_ activity: Activity) -> Admission {
        state.withLock { state in
            if state.isEnding {
                // Nothing may begin once the ledger was found empty: the instance may be destroyed by now.
                guard !state.open.isEmpty, state.latecomers < ActivityLedger.mostLatecomers else { return .drop }
                state.latecomers += 1
            }
            state.open.insert(activity)
            return state.isEnding ? .cancelAtOnce : .start
        }
    }

    /// Strikes an activity out. Answers whether it was there.
    @discardableResult
    func end(_ activity: Activity) -> Bool {
        let (found, waiting) = state.withLock { state in
            let found = state.open.remove(activity) != nil
            guard state.open.isEmpty else { return (found, [CheckedContinuation<Void, Never>]()) }
            defer { state.waiting = [] }
            return (found, state.waiting)
        }
        for continuation in waiting { continuation.resume() }
        return found
    }

    func contains(_ activity: Activity) -> Bool { state.withLock { $0.open.contains(activity) } }

    /// Begins the end, and answers what is going on.
    func close() -> Set<Activity> {
        state.withLock { state in
            state.isEnding = true
            return state.open
        }
    }

    /// Returns once nothing is going on any more.
    func becameEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.open.isEmpty { state.waiting.append(continuation) }
                return state.open.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}
