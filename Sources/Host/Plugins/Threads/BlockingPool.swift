/// Threads for plugin functions that may block (`VMCP_PLUGIN_BLOCKING`): so many and no more, with a bounded queue.
///
/// Threads are started as work comes and stay until the pool is closed.
package final class BlockingPool: Sendable {
    private struct State: Sendable {
        var queue: [@Sendable () -> Void] = []
        var head = 0
        var threads = 0
        /// Threads that run nothing, those being started included.
        var idle = 0
        var closed = false

        var waiting: Int { queue.count - head }

        mutating func next() -> (@Sendable () -> Void)? {
            guard head < queue.count else { return nil }
            let work = queue[head]
            head += 1
            // The taken front is dropped when it outweighs the rest, so that taking is cheap on average.
            if head == queue.count || head > 1_024 {
                queue.removeFirst(head)
                head = 0
            }
            return work
        }
    }

    private let monitor = Monitor(State())
    private let name: String
    private let threads: Int
    private let capacity: Int

    /// - Parameters:
    ///   - threads: Most threads, at least 1.
    ///   - capacity: Most pieces of work that wait for a thread, at least 0.
    package init(name: String, threads: Int = 8, capacity: Int = 256) {
        self.name = name
        self.threads = max(1, threads)
        self.capacity = max(0, capacity)
    }

    deinit { close() }

    /// Pieces of work that wait for a thread.
    package var waiting: Int { monitor.withLock { $0.waiting } }

    /// Runs `work` on a thread of the pool, in turn.
    /// - Returns: False when the queue is full, the pool is closed or the system has no thread: `work` is not run.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let needsThread = monitor.withLock { state in
            guard !state.closed, state.idle <= state.waiting, state.threads < threads else { return false }
            state.threads += 1
            state.idle += 1
            return true
        }
        if needsThread {
            let monitor = self.monitor
            if !WorkerThread.start(name, { Self.serve(monitor) }) {
                monitor.withLock { state in
                    state.threads -= 1
                    state.idle -= 1
                }
            }
        }
        return monitor.update { state in
            let room = state.threads > 0 && state.waiting - state.idle < capacity
            guard !state.closed, room else { return (false, false) }
            state.queue.append(work)
            return (true, true)
        }
    }

    /// Ends the threads once the queue is empty; nothing more is taken.
    package func close() {
        let threads = monitor.withLock { state in
            state.closed = true
            return state.threads
        }
        for _ in 0..<threads { monitor.update { _ in ((), true) } }
    }

    // Static, so that idle threads do not keep a pool alive that nobody uses.
    private static func serve(_ monitor: Monitor<State>) {
        while true {
            let work = monitor.wait { state -> Monitor<State>.Wait<(@Sendable () -> Void)?> in
                if let work = state.next() {
                    state.idle -= 1
                    return .done(work)
                }
                if state.closed {
                    state.threads -= 1
                    state.idle -= 1
                    return .done(nil)
                }
                return .until(nil)
            }
            guard let work else { return }
            work()
            monitor.withLock { $0.idle += 1 }
        }
    }
}
