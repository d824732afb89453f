/// Something that happened in a run, for those who watch: an audit log, a terminal.
package struct WorkflowEvent: Sendable {
    package enum Kind: String, Sendable {
        case started = "vmcp_workflow_started"
        case completed = "vmcp_workflow_completed"
        case failed = "vmcp_workflow_failed"
        case timedOut = "vmcp_workflow_timed_out"
        case cancelled = "vmcp_workflow_cancelled"
        case stepStarted = "vmcp_workflow_step_started"
        case stepCompleted = "vmcp_workflow_step_completed"
        case stepFailed = "vmcp_workflow_step_failed"
        case stepSkipped = "vmcp_workflow_step_skipped"
        case stepRetried = "vmcp_workflow_step_retried"
        case asked = "vmcp_workflow_elicitation_requested"
        case answered = "vmcp_workflow_elicitation_answered"
    }

    package let kind: Kind
    /// The composite tool.
    package let workflow: String
    /// Of the run.
    package let run: String
    package let step: String?
    /// For people: why something failed, how it was answered. Holds no arguments and no results.
    package let detail: String
    /// Milliseconds since the run began.
    package let elapsed: UInt64
}

/// Gets what happens in runs, in order for each run.
package protocol WorkflowEvents: Sendable {
    func happened(_ event: WorkflowEvent)
}

/// Watches nothing.
package struct NoWorkflowEvents: WorkflowEvents {
    package init() {}
    package func happened(_ event: WorkflowEvent) {}
}
