import Synchronization

/// Whose tasks they are, for listing them.
///
/// Anonymous callers cannot be told apart, so each of their sessions has tasks of its own (2025-11-25, Tasks, Security).
struct TaskOwner: Hashable, Sendable {
    let principal: Principal
    /// The session of an anonymous caller; `nil` for every other one.
    let session: String?

    init(_ principal: Principal, session: String) {
        self.principal = principal
        self.session = principal == .anonymous ? session : nil
    }
}

/// What is remembered of a task.
struct RememberedTask: Sendable {
    let task: TaskReference
    /// The `Task` as its backend described it last, raw and with the client's id; `nil` when it is too large to be kept.
    let json: [UInt8]?
    /// Milliseconds on the monotonic clock, after which its backend may have forgotten it; `nil` = never.
    let expiry: UInt64?
}

/// Remembers which tasks callers have, so that `tasks/list` tells of these alone: a backend may have one session for many
/// callers, and would tell each of the tasks of all.
protocol TaskMemory: Sendable {
    /// The newest comes last. Again replaces what is remembered of it.
    func remember(_ task: RememberedTask, of owner: TaskOwner)
    func forget(_ task: TaskReference, of owner: TaskOwner)
    /// A session has ended.
    func forgetAll(of owner: TaskOwner)
    func has(_ task: TaskReference, _ owner: TaskOwner) -> Bool
    /// The tasks that follow a place in the order of their making; each with its own place.
    func tasks(of owner: TaskOwner, after place: UInt64, limit: Int) -> [(place: UInt64, task: RememberedTask)]
    /// Forgets what has expired; called now and then.
    func sweep(now: UInt64)
}

/// How many tasks are remembered. Only `tasks/list` and notifications of a task's status depend on it.
package struct TaskLimits: Sendable, Equatable {
    /// Of all callers; when there are as many, a caller that has none is not remembered. Default 100,000.
    package var tasks = 100_000
    /// Of one caller, or of one session of an anonymous one; one more makes the oldest forgotten. Default 1,000.
    package var tasksPerPrincipal = 1_000

    package init() {}
}

/// A memory that ends with the process.
final class ProcessTaskMemory: TaskMemory {
    fileprivate struct Entry {
        let place: UInt64
        var task: RememberedTask
    }

    fileprivate struct State {
        /// Oldest first.
        var entries: [TaskOwner: [Entry]] = [:]
        var count = 0
        var next: UInt64 = 1
        /// When the first of them expires.
        var nextExpiry = UInt64.max
    }

    let limits: Adjustable<TaskLimits>
    private let state = Mutex(State())

    init(_ limits: TaskLimits) { self.limits = Adjustable(limits) }

    var count: Int { state.withLock { $0.count } }

    func remember(_ task: RememberedTask, of owner: TaskOwner) {
        let limits = limits.value
        state.withLock { state in
            state.nextExpiry = min(state.nextExpiry, task.expiry ?? .max)
            if let index = state.entries[owner]?.firstIndex(where: { $0.task.task == task.task }) {
                state.entries[owner]?[index].task = task
                return
            }
            let own = state.entries[owner]?.count ?? 0
            if own > 0, own >= limits.tasksPerPrincipal || state.count >= limits.tasks {
                state.entries[owner]?.removeFirst()
                state.count -= 1
            }
            guard state.count < limits.tasks else { return }
            state.entries[owner, default: []].append(Entry(place: state.next, task: task))
            state.next += 1
            state.count += 1
        }
    }

    func forget(_ task: TaskReference, of owner: TaskOwner) {
        state.withLock { $0.remove(from: owner) { $0.task.task == task } }
    }

    func forgetAll(of owner: TaskOwner) { state.withLock { $0.remove(from: owner) { _ in true } } }

    func has(_ task: TaskReference, _ owner: TaskOwner) -> Bool {
        state.withLock { $0.entries[owner]?.contains { $0.task.task == task } ?? false }
    }

    func tasks(of owner: TaskOwner, after place: UInt64, limit: Int) -> [(place: UInt64, task: RememberedTask)] {
        state.withLock { state in
            (state.entries[owner] ?? []).drop { $0.place <= place }.prefix(limit).map { ($0.place, $0.task) }
        }
    }

    func sweep(now: UInt64) {
        state.withLock { state in
            guard now >= state.nextExpiry else { return }
            for owner in state.entries.keys { state.remove(from: owner) { $0.task.expiry.map { now >= $0 } ?? false } }
            state.nextExpiry = state.entries.values.flatMap { $0 }.compactMap(\.task.expiry).min() ?? .max
        }
    }
}

extension ProcessTaskMemory.State {
    fileprivate mutating func remove(
        from owner: TaskOwner, where condition: (ProcessTaskMemory.Entry) -> Bool
    ) {
        guard var entries = entries.removeValue(forKey: owner) else { return }
        let before = entries.count
        entries.removeAll(where: condition)
        count -= before - entries.count
        if !entries.isEmpty { self.entries[owner] = entries }
    }
}
