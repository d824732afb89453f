import Synchronization

/// Calls back later, on one thread for all.
package final class TimerService: Sendable {
    private struct State {
        var next: UInt64 = 1
        /// The actions that have not happened, with the loop's number once it has one.
        var waiting: [UInt64: (action: @Sendable () -> Void, scheduled: UInt64?)] = [:]
    }

    let loop: EventLoop
    private let state = Mutex(State())

    /// - Throws: ``SystemError`` when there is no descriptor or thread left.
    package init() throws(SystemError) { loop = try EventLoop(name: "vmcp-timer") }

    /// The number of a timer to come.
    package func nextTimer() -> UInt64 {
        state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
    }

    /// Does something once, not before `delay` milliseconds have passed.
    ///
    /// - Parameter timer: From ``nextTimer()``; used once.
    package func start(_ timer: UInt64, after delay: UInt64, _ action: @escaping @Sendable () -> Void) {
        let due = MonotonicInstant.now.advanced(byMilliseconds: delay)
        state.withLock { $0.waiting[timer] = (action, nil) }
        loop.submit { [self] in
            let scheduled = loop.schedule(at: due) { [unowned self] in fire(timer) }
            let isWanted = state.withLock { state in
                state.waiting[timer]?.scheduled = scheduled
                return state.waiting[timer] != nil
            }
            if !isWanted { loop.cancel(scheduled) }
        }
    }

    /// Makes a timer not fire. Answers whether it will not: false when it did or is about to.
    package func cancel(_ timer: UInt64) -> Bool {
        let found = state.withLock { $0.waiting.removeValue(forKey: timer) }
        guard let found else { return false }
        if let scheduled = found.scheduled { loop.submit { [loop] in loop.cancel(scheduled) } }
        return true
    }

    package func shutDown() async { await loop.stop() }

    private func fire(_ timer: UInt64) {
        let found = state.withLock { $0.waiting.removeValue(forKey: timer) }
        found?.action()
    }
}
