/// Where the steps of one workflow stand, and what is to be done next: a value without I/O.
///
/// A step begins as soon as the steps it depends on are over, at most ``maximumParallel`` at a time, the first of the definition
/// first. Whoever drives it performs the commands that each function returns, and reports what came of them; what is reported
/// of work that is over already is ignored.
package struct WorkflowSchedule: Sendable {
    /// Steps at a time.
    package static let maximumParallel = 10

    /// A piece of work: a step, or one iteration of a forEach step.
    package struct Task: Sendable, Hashable {
        /// The step's index.
        package let step: Int
        /// Counted from 0; `nil` for the step itself.
        package let iteration: Int?

        package init(step: Int, iteration: Int? = nil) {
            self.step = step
            self.iteration = iteration
        }
    }

    package enum Command: Sendable, Equatable {
        /// Do it, for the `attempt`th time, counted from 1.
        case begin(Task, attempt: Int)
        /// Nobody waits for it any more.
        case cancel(Task)
        /// The step's time is over; what is under way of it was cancelled. Report how it ended.
        case expired(step: Int)
        /// No iteration is under way or to come. Report how the step ended.
        case looped(step: Int, [IterationStatus])
        /// The step ended without having begun.
        case passedOver(step: Int)
        /// Nothing is under way, and nothing will be.
        case end(Ending)
    }

    package enum IterationStatus: String, Sendable { case completed, failed, cancelled }

    package enum Ending: Sendable, Equatable {
        case completed
        /// By the step that ended it.
        case failed(step: Int)
        case timedOut, cancelled
    }

    package enum Status: String, Sendable { case pending, running, completed, failed, skipped }

    enum Phase: Sendable, Equatable {
        case waiting
        case ready(attempt: Int)
        case running(attempt: Int)
        case pausing(attempt: Int, until: UInt64)
        case over(Status)

        var isOver: Bool { if case .over = self { true } else { false } }
    }

    private let definition: WorkflowDefinition
    private let deadline: UInt64
    private var phases: [Phase]
    private var deadlines: [UInt64?]
    private var loops: [Int: WorkflowLoop] = [:]
    private var pauses: RetryPause
    private(set) var ending: Ending?

    /// - Parameter seed: Of the random part of pauses between attempts.
    package init(_ definition: WorkflowDefinition, now: UInt64, seed: UInt64) {
        self.definition = definition
        deadline = now + definition.timeout
        phases = definition.steps.map { _ in .waiting }
        deadlines = definition.steps.map { _ in nil }
        pauses = RetryPause(seed: seed)
    }

    /// Begins with the steps that wait for none.
    package mutating func start(now: UInt64) -> [Command] { advance(now) }

    /// How a step stands.
    package func status(of step: Int) -> Status {
        switch phases[step] {
        case .waiting, .ready: .pending
        case .running, .pausing: .running
        case .over(let status): status
        }
    }

    /// When ``tick(now:)`` is due; `nil` once it is over.
    package var nextDeadline: UInt64? {
        guard ending == nil else { return nil }
        var next = deadline
        for (index, phase) in phases.enumerated() where !phase.isOver {
            if let deadline = deadlines[index] { next = min(next, deadline) }
            if case .pausing(_, let until) = phase { next = min(next, until) }
            if let until = loops[index]?.nextResumption { next = min(next, until) }
        }
        return next
    }

    // MARK: - What came of it

    /// The step has its output.
    package mutating func completed(_ step: Int, now: UInt64) -> [Command] { finish(step, .completed, now) }

    /// Its condition does not hold.
    package mutating func skipped(_ step: Int, now: UInt64) -> [Command] { finish(step, .skipped, now) }

    /// The step is complete, and none that has not begun will begin.
    package mutating func completedSkippingOthers(_ step: Int, now: UInt64) -> [Command] {
        guard isUnderWay(step) else { return [] }
        phases[step] = .over(.completed)
        var commands: [Command] = []
        for index in phases.indices {
            switch phases[index] {
            case .waiting, .ready(attempt: 1):
                phases[index] = .over(.skipped)
                commands.append(.passedOver(step: index))
            default: break
            }
        }
        return commands + advance(now)
    }

    /// An attempt at the step failed.
    /// - Parameter isFinal: Another attempt is out of the question.
    package mutating func failed(_ step: Int, isFinal: Bool = false, now: UInt64) -> [Command] {
        guard isUnderWay(step), ending == nil else { return [] }
        if !isFinal, case .retry(let count, let delay) = definition.steps[step].onError,
            case .running(let attempt) = phases[step], attempt <= count
        {
            phases[step] = .pausing(attempt: attempt + 1, until: now + pauses.next(attempt: attempt, delay: delay))
            return advance(now)
        }
        if definition.steps[step].onError == .continue { return finish(step, .failed, now) }
        phases[step] = .over(.failed)
        return end(.failed(step: step))
    }

    /// A forEach step has its list: its iterations begin.
    /// - Parameter count: At least 1.
    package mutating func opened(_ step: Int, iterations count: Int, now: UInt64) -> [Command] {
        guard isUnderWay(step), ending == nil, case .forEach(let forEach) = definition.steps[step].work else {
            return []
        }
        var loop = WorkflowLoop(
            step: step, count: count, parallel: forEach.maximumParallel, onError: forEach.onError,
            stopsAtFailure: definition.steps[step].onError != .continue)
        let commands = loop.advance(now)
        loops[step] = loop
        return commands
    }

    /// An iteration ended.
    package mutating func iterated(_ task: Task, succeeded: Bool, now: UInt64) -> [Command] {
        guard let iteration = task.iteration, ending == nil, isUnderWay(task.step) else { return [] }
        return loops[task.step]?.ended(iteration, succeeded: succeeded, now: now, pauses: &pauses) ?? []
    }

    /// Time has passed: ends what took too long, and tries again what paused.
    package mutating func tick(now: UInt64) -> [Command] {
        guard ending == nil else { return [] }
        if now >= deadline { return end(.timedOut) }
        var commands: [Command] = []
        for index in phases.indices where !phases[index].isOver {
            if let deadline = deadlines[index], now >= deadline {
                deadlines[index] = nil
                commands += cancelWork(of: index)
                if case .running = phases[index] {} else { phases[index] = .running(attempt: 0) }
                commands.append(.expired(step: index))
                continue
            }
            if case .pausing(let attempt, let until) = phases[index], now >= until {
                phases[index] = .ready(attempt: attempt)
            }
            commands += loops[index]?.advance(now) ?? []
        }
        return commands + advance(now)
    }

    /// The caller wants nothing any more.
    package mutating func cancel() -> [Command] { ending == nil ? end(.cancelled) : [] }

    // MARK: - Steps

    private func isUnderWay(_ step: Int) -> Bool { if case .running = phases[step] { true } else { false } }

    private mutating func finish(_ step: Int, _ status: Status, _ now: UInt64) -> [Command] {
        guard isUnderWay(step), ending == nil else { return [] }
        phases[step] = .over(status)
        loops[step] = nil
        return advance(now)
    }

    /// Begins what can begin.
    private mutating func advance(_ now: UInt64) -> [Command] {
        guard ending == nil else { return [] }
        var running = 0
        for index in phases.indices {
            if case .running = phases[index] { running += 1 }
            if phases[index] == .waiting, definition.dependencies[index].allSatisfy({ phases[$0].isOver }) {
                phases[index] = .ready(attempt: 1)
            }
        }
        var commands: [Command] = []
        for index in phases.indices where running < Self.maximumParallel {
            guard case .ready(let attempt) = phases[index] else { continue }
            phases[index] = .running(attempt: attempt)
            running += 1
            if attempt == 1 { deadlines[index] = now + definition.steps[index].timeout }
            commands.append(.begin(Task(step: index), attempt: attempt))
        }
        if phases.allSatisfy(\.isOver) { commands += end(.completed) }
        return commands
    }

    private mutating func cancelWork(of step: Int) -> [Command] {
        guard case .running = phases[step] else { return [] }
        if let loop = loops.removeValue(forKey: step) {
            return loop.running.map { .cancel(Task(step: step, iteration: $0)) }
        }
        return [.cancel(Task(step: step))]
    }

    private mutating func end(_ ending: Ending) -> [Command] {
        self.ending = ending
        return phases.indices.flatMap { cancelWork(of: $0) } + [.end(ending)]
    }
}
