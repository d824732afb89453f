import Synchronization

/// Something that happens once; whoever waits gets its value, whoever comes later too.
final class Signal<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiters: [Int: CheckedContinuation<Value, any Error>] = [:]
        var next = 0
    }
    private let state = Mutex(State())

    var current: Value? { state.withLock { $0.value } }

    /// Has no effect the second time.
    func fire(_ value: Value) {
        let waiting = state.withLock { state in
            if state.value == nil { state.value = value }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    /// - Throws: `CancellationError` only.
    func value() async throws -> Value {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let value: Value? = state.withLock { state in
                    if state.value == nil { state.waiters[number] = continuation }
                    return state.value
                }
                // A cancellation before this point found no waiter to end.
                if let value { continuation.resume(returning: value) } else if Task.isCancelled { cancel(number) }
            }
        } onCancel: {
            cancel(number)
        }
    }

    private func cancel(_ number: Int) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(throwing: CancellationError())
    }
}
