import Synchronization

/// One run of a composite tool: drives its ``WorkflowSchedule`` with the gateway's clock.
///
/// Commands are performed one after the other on a task of their own, because templates take time; answers may come on any
/// thread. What is under way has a number, so that an answer to what was cancelled or is tried again finds nothing.
final class WorkflowRun: Sendable {
    /// What a run needs besides its definition.
    struct Surroundings: Sendable {
        var clock: GatewayClock
        var events: any WorkflowEvents
        var store: any WorkflowStore
        /// Whether the caller may use the tool of a step.
        var permits: @Sendable (Catalog.Tool) -> Bool
        /// Whether a failure tells what the steps gave.
        var tellsPartialResults = false

        init(
            clock: GatewayClock, events: any WorkflowEvents = NoWorkflowEvents(),
            store: any WorkflowStore = WorkflowMemory(),
            permits: @escaping @Sendable (Catalog.Tool) -> Bool = { _ in true }
        ) {
            (self.clock, self.events, self.store, self.permits) = (clock, events, store, permits)
        }
    }

    struct State {
        var schedule: WorkflowSchedule
        var data: WorkflowData
        var records: [StepRecord]
        var loops: [Int: StepIterations] = [:]
        var works: [WorkflowSchedule.Task: (number: UInt64, work: (any WorkflowWork)?)] = [:]
        var nextNumber: UInt64 = 1
        /// What is to be performed, in order.
        var commands: [WorkflowSchedule.Command] = []
        /// What came back and is to be looked at, in order.
        var answers: [@Sendable (WorkflowRun) -> Void] = []
        var isPerforming = false
        var kept: WorkflowState
        var timer: (deadline: UInt64, task: Task<Void, Never>)?
        /// Taken by the end.
        var done: (@Sendable (WorkflowAnswer?) -> Void)?
        /// Keeps the caller until the end.
        var caller: (any WorkflowCaller)?
    }

    let id: String
    let workflow: ResolvedWorkflow
    let surroundings: Surroundings
    private let started: UInt64
    let state: Mutex<State>

    var definition: WorkflowDefinition { workflow.definition }

    /// - Parameters:
    ///   - arguments: An object, checked, with defaults filled in.
    ///   - done: Called once with the answer; with `nil` after ``cancel()``.
    init(
        _ workflow: ResolvedWorkflow, arguments: JSONSlice, caller: any WorkflowCaller, surroundings: Surroundings,
        done: @escaping @Sendable (WorkflowAnswer?) -> Void
    ) {
        var generator = SystemRandomNumberGenerator()
        let now = surroundings.clock.now()
        let definition = workflow.definition
        let id = Self.makeID(&generator)
        self.id = id
        self.workflow = workflow
        self.surroundings = surroundings
        started = now
        state = Mutex(
            State(
                schedule: WorkflowSchedule(definition, now: now, seed: generator.next()),
                data: WorkflowData(
                    arguments: arguments, id: id, startTime: WallTime.text(WallTime.now()),
                    stepCount: definition.steps.count),
                records: definition.steps.map { _ in StepRecord() },
                kept: WorkflowState(
                    id: id, workflow: definition.name, status: .running, started: now, updated: now),
                done: done, caller: caller))
    }

    /// A random UUID (RFC 9562, section 5.4).
    private static func makeID(_ generator: inout SystemRandomNumberGenerator) -> String {
        let high = (generator.next() as UInt64) & ~0xF000 | 0x4000
        let low = (generator.next() as UInt64) & ~(3 << 62) | 2 << 62
        let digits = [high, low].map { value in
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in
            String(digits.dropFirst(range.lowerBound).prefix(range.count))
        }
        return parts.joined(separator: "-")
    }

    var now: UInt64 { surroundings.clock.now() }
    var elapsed: UInt64 { now - started }

    // MARK: - Life

    /// Begins; returns at once.
    func start() {
        surroundings.store.save(state.withLock { $0.kept })
        tell(.started)
        advance { $0.schedule.start(now: self.now) }
    }

    /// The caller wants nothing any more: what is under way is cancelled.
    func cancel() { advance { $0.schedule.cancel() } }

    /// Changes the schedule and performs what follows.
    func advance(_ change: (inout State) -> [WorkflowSchedule.Command]) {
        performAfter { $0.commands += change(&$0) }
    }

    /// Looks at an answer when its turn comes: on the task that performs, because that may take time.
    func take(_ answer: @escaping @Sendable (WorkflowRun) -> Void) { performAfter { $0.answers.append(answer) } }

    private func performAfter(_ change: (inout State) -> Void) {
        let begins = state.withLock { state in
            change(&state)
            guard !state.isPerforming, !state.commands.isEmpty || !state.answers.isEmpty else { return false }
            state.isPerforming = true
            return true
        }
        if begins { Task { self.perform() } } else { arm() }
    }

    private func perform() {
        while true {
            let (commands, answers) = state.withLock { state in
                defer { (state.commands, state.answers) = ([], []) }
                if state.commands.isEmpty, state.answers.isEmpty { state.isPerforming = false }
                return (state.commands, state.answers)
            }
            if commands.isEmpty, answers.isEmpty { break }
            for command in commands { perform(command) }
            for answer in answers { answer(self) }
        }
        arm()
    }

    private func perform(_ command: WorkflowSchedule.Command) {
        switch command {
        case .begin(let task, let attempt):
            // The run may have ended since; templates take time.
            if state.withLock({ $0.schedule.ending }) == nil { begin(task, attempt: attempt) }
        case .cancel(let task):
            let work = state.withLock { $0.works.removeValue(forKey: task)?.work }
            work?.cancel()
        case .expired(let step): expired(step)
        case .looped(let step, let statuses): looped(step, statuses)
        case .passedOver(let step): passedOver(step)
        case .end(let ending): end(ending)
        }
    }

    /// Sees to it that the next deadline is kept.
    private func arm() {
        let former = state.withLock { state -> Task<Void, Never>? in
            guard let deadline = state.schedule.nextDeadline else {
                defer { state.timer = nil }
                return state.timer?.task
            }
            if let timer = state.timer, timer.deadline <= deadline { return nil }
            let former = state.timer?.task
            let pause = deadline - min(deadline, now)
            state.timer = (
                deadline,
                Task { [weak self, clock = surroundings.clock] in
                    do { if pause > 0 { try await clock.sleep(pause) } } catch { return }
                    self?.tick(deadline)
                }
            )
            return former
        }
        former?.cancel()
    }

    private func tick(_ deadline: UInt64) {
        state.withLock { state in if state.timer?.deadline == deadline { state.timer = nil } }
        advance { $0.schedule.tick(now: self.now) }
    }

    // MARK: - Telling

    func tell(_ kind: WorkflowEvent.Kind, step: Int? = nil, _ detail: String = "") {
        surroundings.events.happened(
            WorkflowEvent(
                kind: kind, workflow: definition.name, run: id, step: step.map { definition.steps[$0].id },
                detail: detail, elapsed: elapsed))
    }

    /// The data that templates see now.
    func data(iteration: TemplateValue? = nil, status: String = "running") -> TemplateValue {
        state.withLock { $0.data }.root(status: status, elapsed: elapsed, iteration: iteration)
    }
}
