import Gateway
import Logging

/// Writes what happens in composite tools to the log: how runs fail for operators, all else for those who look for a reason.
///
/// Texts of failures are what backends said, and stand at the level debug only.
struct WorkflowLog: WorkflowEvents {
    let log: Logger

    func happened(_ event: WorkflowEvent) {
        var metadata: Logger.Metadata = [
            "event": "\(event.kind.rawValue)", "workflow": "\(event.workflow)", "run": "\(event.run)",
            "milliseconds": "\(event.elapsed)",
        ]
        if let step = event.step { metadata["step"] = "\(step)" }
        if !event.detail.isEmpty { metadata["why"] = "\(event.detail)" }
        log.log(level: Self.level(event.kind), "A composite tool runs", metadata: metadata)
    }

    private static func level(_ kind: WorkflowEvent.Kind) -> Logger.Level {
        switch kind {
        case .failed, .timedOut: .info
        case .started, .completed, .cancelled, .stepStarted, .stepCompleted, .stepFailed, .stepSkipped, .stepRetried,
            .asked, .answered:
            .debug
        }
    }
}
