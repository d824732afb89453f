/// The iterations of a forEach step: part of ``WorkflowSchedule``.
struct WorkflowLoop: Sendable {
    let step: Int
    private let parallel: Int
    private let onError: WorkflowStep.OnError
    /// Whether the first failure ends the others.
    private let stopsAtFailure: Bool
    /// `nil` while it is to come or under way.
    private var statuses: [WorkflowSchedule.IterationStatus?]
    /// The first that has not begun.
    private var next = 0
    private var attempts: [Int: Int] = [:]
    private var pausing: [Int: UInt64] = [:]
    /// Iterations under way.
    private(set) var running: Set<Int> = []
    private var isOver = false

    init(step: Int, count: Int, parallel: Int, onError: WorkflowStep.OnError, stopsAtFailure: Bool) {
        self.step = step
        self.parallel = parallel
        self.onError = onError
        self.stopsAtFailure = stopsAtFailure
        statuses = Array(repeating: nil, count: count)
    }

    var nextResumption: UInt64? { pausing.values.min() }

    mutating func ended(
        _ iteration: Int, succeeded: Bool, now: UInt64, pauses: inout RetryPause
    ) -> [WorkflowSchedule.Command] {
        guard running.remove(iteration) != nil else { return [] }
        let attempt = attempts[iteration] ?? 1
        if succeeded {
            statuses[iteration] = .completed
        } else if case .retry(let count, let delay) = onError, attempt <= count {
            attempts[iteration] = attempt + 1
            pausing[iteration] = now + pauses.next(attempt: attempt, delay: delay)
        } else {
            statuses[iteration] = .failed
            if stopsAtFailure {
                let cancelled = running.sorted()
                (running, pausing, next) = ([], [:], statuses.count)
                return cancelled.map { .cancel(WorkflowSchedule.Task(step: step, iteration: $0)) } + advance(now)
            }
        }
        return advance(now)
    }

    /// Begins what can begin: those that paused first.
    mutating func advance(_ now: UInt64) -> [WorkflowSchedule.Command] {
        var commands: [WorkflowSchedule.Command] = []
        func begin(_ iteration: Int, in loop: inout WorkflowLoop) {
            loop.running.insert(iteration)
            let task = WorkflowSchedule.Task(step: loop.step, iteration: iteration)
            commands.append(.begin(task, attempt: loop.attempts[iteration] ?? 1))
        }
        for iteration in pausing.filter({ $0.value <= now }).keys.sorted() where running.count < parallel {
            pausing[iteration] = nil
            begin(iteration, in: &self)
        }
        while next < statuses.count, running.count < parallel {
            begin(next, in: &self)
            next += 1
        }
        if running.isEmpty, pausing.isEmpty, next == statuses.count, !isOver {
            isOver = true
            commands.append(.looped(step: step, statuses.map { $0 ?? .cancelled }))
        }
        return commands
    }
}
