import Synchronization

/// The runs of composite tools, and what they share.
final class WorkflowEngine: Sendable {
    /// Most runs at a time.
    static let maximumRuns = 1_000
    /// Milliseconds for which the state of a run is kept after its end.
    private static let memory: UInt64 = 3_600_000
    /// In `_meta` of a call: true asks for what the steps gave, should the run fail.
    static let partialResultsKey = "vmcp.dev/partialResults"

    private let clock: GatewayClock
    private let policy: any Policy
    private let events: any WorkflowEvents
    let store: any WorkflowStore
    private let runs = Mutex<[String: WorkflowRun]>([:])

    init(
        clock: GatewayClock, policy: any Policy, events: any WorkflowEvents, store: any WorkflowStore = WorkflowMemory()
    ) {
        (self.clock, self.policy, self.events, self.store) = (clock, policy, events, store)
    }

    /// Runs under way.
    var count: Int { runs.withLock { $0.count } }

    /// Begins a run.
    /// - Parameters:
    ///   - request: The call.
    ///   - done: Called once with the result; with `nil` when the run was cancelled.
    /// - Returns: The run; `nil` when there are too many, and `done` is not called.
    func start(
        _ workflow: ResolvedWorkflow, arguments: JSONSlice, request: JSONRPCMessage, principal: Principal,
        caller: any WorkflowCaller, done: @escaping @Sendable (WorkflowAnswer?) -> Void
    ) -> WorkflowRun? {
        let policy = policy
        let asksCaller = workflow.definition.stepAuthorization == .caller
        var surroundings = WorkflowRun.Surroundings(clock: clock, events: events, store: store) { tool in
            !asksCaller || policy.permitsCall(of: tool.name, by: principal)
        }
        surroundings.tellsPartialResults = request.params?["_meta"]?[Self.partialResultsKey]?.bool == true
        let finished = Mutex<String?>(nil)
        let run = WorkflowRun(workflow, arguments: arguments, caller: caller, surroundings: surroundings) {
            [weak self] answer in
            if let self, let id = finished.withLock({ $0 }) { self.runs.withLock { $0[id] = nil } }
            done(answer)
        }
        finished.withLock { $0 = run.id }
        let isEntered = runs.withLock { runs in
            guard runs.count < Self.maximumRuns else { return false }
            runs[run.id] = run
            return true
        }
        guard isEntered else { return nil }
        run.start()
        return run
    }

    /// Forgets runs that ended long ago; called now and then.
    func sweep(now: UInt64) { if now > Self.memory { store.sweep(before: now - Self.memory) } }

    /// Ends all runs.
    func stop() { for run in runs.withLock({ Array($0.values) }) { run.cancel() } }

    /// The answer when there are too many.
    static func refusal(_ workflow: ResolvedWorkflow) -> WorkflowAnswer {
        WorkflowAnswer(
            failure: StepFailure(
                message: "the gateway runs \(maximumRuns) composite tools, its most; try again later", isRetryable: true
            ),
            category: "limit_exceeded", workflow: workflow.definition.name, step: nil, partial: nil)
    }
}
