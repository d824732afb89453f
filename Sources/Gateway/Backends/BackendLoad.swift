import Synchronization

/// How many calls of clients may be under way at a time; one more is refused at once, unsent.
package struct CallLimits: Sendable, Equatable {
    /// At all backends together. Default 10,000.
    package var calls = 10_000
    /// At one backend, so that one that hangs leaves room for the others. Default 2,000.
    package var callsPerBackend = 2_000

    package init() {}
}

/// The calls of clients under way at all backends together.
package final class GatewayLoad: Sendable {
    let limits: CallLimits
    private let count = Atomic<Int>(0)

    package init(_ limits: CallLimits = CallLimits()) { self.limits = limits }

    /// Calls under way.
    package var inFlight: Int { count.load(ordering: .relaxed) }

    fileprivate func enter() -> Bool {
        if count.wrappingAdd(1, ordering: .relaxed).newValue <= limits.calls { return true }
        leave()
        return false
    }

    fileprivate func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}

/// The calls of clients at one backend: how many are under way, against its limit and that of all, and what came of them.
package final class BackendLoad: Sendable {
    /// How a call ended.
    package enum End: Sendable, Equatable {
        /// By the backend's answer, an error included.
        case answered
        /// By the gateway, for want of an answer.
        case failed
        /// By the client.
        case cancelled
    }

    /// What there is to count.
    package struct Figures: Sendable, Equatable {
        /// Calls under way.
        package var inFlight = 0
        package var answered: UInt64 = 0
        package var failed: UInt64 = 0
        package var cancelled: UInt64 = 0
        /// Refused for want of room.
        package var shed: UInt64 = 0
        /// Calls that ended, by how long they took: one entry for each of ``DurationBounds/milliseconds`` and one for all above.
        package var durations = [UInt64](repeating: 0, count: DurationBounds.milliseconds.count + 1)
        /// Of all that ended, in milliseconds.
        package var duration: UInt64 = 0
    }

    /// How long a client waits before it tries again, in milliseconds; a guess, as nobody knows when a call will end.
    static let retryAfter: UInt64 = 1_000

    private let whole: GatewayLoad
    private let state = Mutex(Figures())

    package init(_ whole: GatewayLoad) { self.whole = whole }

    package var figures: Figures { state.withLock { $0 } }

    /// Takes a call in.
    /// - Returns: Why there is no room for it.
    func enter() -> Outcome? {
        let most = whole.limits.callsPerBackend
        guard state.withLock({ $0.take(below: most) }) else {
            return Self.refusal("has \(most) calls under way, its most (operational.limits.callsPerBackend)")
        }
        guard whole.enter() else {
            state.withLock { figures in
                figures.inFlight -= 1
                figures.shed += 1
            }
            return Self.refusal(
                "was not asked: the gateway has \(whole.limits.calls) calls under way, its most (operational.limits.calls)"
            )
        }
        return nil
    }

    /// Lets a call go that was taken in.
    /// - Parameter milliseconds: How long it took.
    func leave(_ end: End, after milliseconds: UInt64) {
        whole.leave()
        state.withLock { $0.leave(end, after: milliseconds) }
    }

    private static func refusal(_ message: String) -> Outcome {
        Outcome(.exhausted, notSent: true, retryAfter: retryAfter, message: message + "; try again later")
    }
}

extension BackendLoad.Figures {
    fileprivate mutating func take(below most: Int) -> Bool {
        guard inFlight < most else {
            shed += 1
            return false
        }
        inFlight += 1
        return true
    }

    fileprivate mutating func leave(_ end: BackendLoad.End, after milliseconds: UInt64) {
        inFlight -= 1
        switch end {
        case .answered: answered += 1
        case .failed: failed += 1
        case .cancelled: cancelled += 1
        }
        durations[DurationBounds.index(of: milliseconds)] += 1
        duration += milliseconds
    }
}

/// A call that was taken in, until it is let go. Whoever holds it lets it go once.
struct Admission: Sendable {
    private let load: BackendLoad
    private let clock: GatewayClock
    private let entered: UInt64

    /// Takes a call in.
    /// - Throws: Why there is no room for it.
    init(to backend: Backend) throws(Outcome) {
        (load, clock) = (backend.load, backend.clock)
        if let refusal = load.enter() { throw refusal }
        entered = clock.now()
    }

    func end(_ end: BackendLoad.End) {
        let now = clock.now()
        load.leave(end, after: now - min(entered, now))
    }
}
