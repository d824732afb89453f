import Synchronization

/// Backends that have left the group and end when their last call is over.
final class BackendDrains: Sendable {
    private struct State {
        var tasks: [UInt64: Task<Void, Never>] = [:]
        var next: UInt64 = 1
    }

    private let state = Mutex(State())

    /// Those that have not ended.
    var count: Int { state.withLock { $0.tasks.count } }

    func add(_ task: Task<Void, Never>) {
        let number = state.withLock { state in
            defer { state.next += 1 }
            state.tasks[state.next] = task
            return state.next
        }
        Task {
            await task.value
            state.withLock { $0.tasks[number] = nil }
        }
    }

    /// Ends them now, with the calls that are still under way.
    func stop() async {
        let tasks = state.withLock { Array($0.tasks.values) }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }
}
