import Synchronization

/// The values of secrets, by handles that say nothing about them.
package final class SecretStore: Sendable {
    private struct State {
        var values: [String: [UInt8]] = [:]
        var watches: [UInt64: Watch] = [:]
        var next: UInt64 = 1
    }

    /// One interest in changes. `running` is held while `changed` runs, so that the end can wait for it.
    private final class Watch: Sendable {
        let handle: String
        let changed: @Sendable () -> Void
        let isOver = Atomic(false)
        let running = Mutex(())

        init(handle: String, changed: @escaping @Sendable () -> Void) {
            self.handle = handle
            self.changed = changed
        }

        func notify() {
            running.withLock { _ in
                if !isOver.load(ordering: .sequentiallyConsistent) { changed() }
            }
        }
    }

    private let state = Mutex(State())
    /// Where `changed` is called: one at a time, and not by whoever changes a value.
    private let loop: EventLoop

    package init(notifyingOn timers: TimerService) { loop = timers.loop }

    /// Gives a handle a value, or another one, and tells those who watch it.
    package func set(_ handle: String, _ value: [UInt8]) {
        let watches = state.withLock { state in
            let isChange = state.values.updateValue(value, forKey: handle) != value
            return isChange ? state.watches.values.filter { $0.handle == handle } : []
        }
        for watch in watches { loop.submit { watch.notify() } }
    }

    /// Forgets a handle and tells those who watch it.
    package func remove(_ handle: String) {
        let watches = state.withLock { state in
            state.values.removeValue(forKey: handle) == nil ? [] : state.watches.values.filter { $0.handle == handle }
        }
        for watch in watches { loop.submit { watch.notify() } }
    }

    /// The value now; nil for an unknown handle.
    package func value(of handle: String) -> [UInt8]? { state.withLock { $0.values[handle] } }

    /// The number of a watch to come.
    package func nextWatch() -> UInt64 {
        state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
    }

    /// Calls `changed` after each change of the value.
    ///
    /// - Parameter watch: From ``nextWatch()``; used once.
    /// - Returns: False for an unknown handle: nothing is watched then.
    package func start(_ watch: UInt64, on handle: String, changed: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard state.values[handle] != nil else { return false }
            state.watches[watch] = Watch(handle: handle, changed: changed)
            return true
        }
    }

    /// Ends a watch: `changed` is not called any more once this returned. Waits for one that is running, unless it is
    /// that one which ends its own watch.
    package func stop(_ watch: UInt64) {
        guard let watch = state.withLock({ $0.watches.removeValue(forKey: watch) }) else { return }
        watch.isOver.store(true, ordering: .sequentiallyConsistent)
        if !loop.isCurrent { watch.running.withLock { _ in } }
    }
}
