import Synchronization

/// Keeps closures for as long as the host may call them: until fired, cancelled, or the instance is destroyed.
final class CallbackTable: Sendable {
    /// One closure. The host gets its address as context; it is kept alive by the table.
    final class Callback: Sendable {
        let run: @Sendable () -> Void
        private weak let table: CallbackTable?

        init(_ run: @escaping @Sendable () -> Void, in table: CallbackTable) {
            self.run = run
            self.table = table
        }

        var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

        /// The callback behind a context that the host passes back.
        static func borrowed(_ context: UnsafeMutableRawPointer?) -> Callback? {
            context.map { Unmanaged<Callback>.fromOpaque($0).takeUnretainedValue() }
        }

        /// Takes it out of the table: the host will not call it (again).
        func remove() { table?.remove(self) }
    }

    private let callbacks = Mutex<[ObjectIdentifier: Callback]>([:])

    func add(_ run: @escaping @Sendable () -> Void) -> Callback {
        let callback = Callback(run, in: self)
        callbacks.withLock { $0[ObjectIdentifier(callback)] = callback }
        return callback
    }

    func removeAll() {
        // Released outside the lock: what closures hold may reach for this table.
        let gone = callbacks.withLock { callbacks in
            defer { callbacks = [:] }
            return callbacks
        }
        withExtendedLifetime(gone) {}
    }

    private func remove(_ callback: Callback) {
        _ = callbacks.withLock { $0.removeValue(forKey: ObjectIdentifier(callback)) }
    }
}
