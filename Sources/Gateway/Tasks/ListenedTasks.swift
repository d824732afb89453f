import Synchronization

/// What one `subscriptions/listen` hears of tasks: a stream with each backend that runs some of them.
final class ListenedTasks: Sendable {
    private struct State {
        var watches: [TaskWatch] = []
        var isOver = false
    }

    /// The client's ids by the backend's, of each backend.
    private let tasks: [String: [String: String]]
    private let principal: Principal
    private let host: any StatelessHost
    private let state = Mutex(State())

    /// - Parameter ids: As the client has them; what is no task of this caller is left out.
    init(_ ids: [String], principal: Principal, host: any StatelessHost) {
        var tasks: [String: [String: String]] = [:]
        for id in ids {
            guard let task = host.stateless.tasks.task(id, of: principal), task.form == .decided else { continue }
            tasks[task.backend, default: [:]][task.id] = id
        }
        (self.tasks, self.principal, self.host) = (tasks, principal, host)
    }

    var isEmpty: Bool { tasks.isEmpty }

    /// The tasks that backends agreed to tell of, as the client has them.
    var agreed: Set<String> {
        state.withLock { $0.watches }.reduce(into: []) { $0.formUnion($1.agreed) }
    }

    /// Asks the backends; returns when each has answered.
    /// - Parameter deliver: Gets each `notifications/tasks` with the id that the client has for the task.
    func open(_ deliver: @escaping @Sendable (JSONRPCMessage, String) -> Void) async {
        let watches = tasks.compactMap { name, ids in
            host.backend(named: name).map { backend in
                TaskWatch(ids, backend: backend, principal: principal, host: host, deliver: deliver)
            }
        }
        let isOver = state.withLock { state in
            if !state.isOver { state.watches = watches }
            return state.isOver
        }
        if isOver { return }
        for watch in watches { watch.start() }
        for watch in watches { await watch.answered() }
    }

    /// Nobody listens any more; again is fine.
    func end() {
        let watches = state.withLock { state in
            state.isOver = true
            defer { state.watches = [] }
            return state.watches
        }
        for watch in watches { watch.stop() }
    }
}
