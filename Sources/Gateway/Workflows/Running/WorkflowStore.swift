import Synchronization

/// How a run stands, as it is kept.
package struct WorkflowState: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case pending, running, completed, failed, cancelled
        case waitingForElicitation = "waiting_for_elicitation"
        case timedOut = "timed_out"

        package var isOver: Bool {
            switch self {
            case .completed, .failed, .cancelled, .timedOut: true
            case .pending, .running, .waitingForElicitation: false
            }
        }
    }

    /// Of the run: a UUID.
    package let id: String
    package let workflow: String
    package var status: Status
    /// Ids of steps that are over, in the order they ended.
    package var finishedSteps: [String] = []
    /// Ids of steps that wait for a person.
    package var pendingElicitations: [String] = []
    /// Milliseconds on the monotonic clock.
    package let started: UInt64
    package var updated: UInt64
}

/// Keeps how runs stand.
package protocol WorkflowStore: Sendable {
    func save(_ state: WorkflowState)
    /// All that are kept, in any order.
    var states: [WorkflowState] { get }
    /// Forgets what is over and was not updated since; called now and then.
    func sweep(before time: UInt64)
}

/// Keeps it in memory, bounded: the oldest of those that are over go first.
package final class WorkflowMemory: WorkflowStore {
    private let kept = Mutex<[String: WorkflowState]>([:])
    private let capacity: Int

    /// - Parameter capacity: Most states kept. Default 1,000.
    package init(capacity: Int = 1_000) { self.capacity = capacity }

    package func save(_ state: WorkflowState) {
        kept.withLock { states in
            states[state.id] = state
            guard states.count > capacity else { return }
            let over = states.values.filter { $0.status.isOver && $0.id != state.id }
            if let oldest = over.min(by: { $0.updated < $1.updated }) { states[oldest.id] = nil }
        }
    }

    package var states: [WorkflowState] { kept.withLock { Array($0.values) } }

    package func sweep(before time: UInt64) {
        kept.withLock { states in states = states.filter { !$0.value.status.isOver || $0.value.updated >= time } }
    }
}
