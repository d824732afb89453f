import Gateway
import Logging
import Synchronization

/// Logs what an operator should know: backends that come and go, and of a new catalogue each warning once, not again with
/// every change.
final class ChangeReporter: Sendable {
    private let log: Logger
    private let known = Mutex<Set<String>>([])

    init(log: Logger) { self.log = log }

    func report(_ backend: BackendStatus) {
        let metadata: Logger.Metadata = ["backend": "\(backend.name)", "why": "\(backend.message)"]
        switch backend.phase {
        case .starting: log.info("A backend starts", metadata: metadata)
        case .ready where backend.message.isEmpty:
            log.info("A backend is ready", metadata: ["backend": "\(backend.name)"])
        case .ready: log.warning("A backend is ready in part", metadata: metadata)
        case .down:
            log.warning(
                "A backend is down", metadata: metadata.merging(["category": "\(backend.category)"]) { $1 })
        }
    }

    /// One line for each change of a backend's health or circuit.
    func report(_ backend: String, from before: HealthState, to after: HealthState) {
        var metadata: Logger.Metadata = ["backend": "\(backend)", "failures": "\(after.consecutiveFailures)"]
        if let failure = after.lastFailure { metadata["category"] = "\(FailureAnswer.category(failure))" }
        if before.status != after.status {
            (metadata["from"], metadata["to"]) = ("\(before.status.rawValue)", "\(after.status.rawValue)")
            let level: Logger.Level = after.isListed || after.circuit != .closed ? .info : .warning
            log.log(level: level, "The health of a backend changed", metadata: metadata)
        }
        guard before.circuit != after.circuit else { return }
        (metadata["from"], metadata["to"]) = ("\(before.circuit.word)", "\(after.circuit.word)")
        log.log(
            level: after.circuit == .closed ? .info : .warning, "The circuit of a backend changed", metadata: metadata)
    }

    func report(_ snapshot: CatalogKeeper.Snapshot) {
        let lines = snapshot.report.warnings.filter { $0.cause.what != .failed }.map(\.description)
        let news = known.withLock { known in
            let news = lines.filter { !known.contains($0) }
            known = Set(lines)
            return news
        }
        for line in news {
            log.warning("The merged list is not all that the backends offer", metadata: ["what": "\(line)"])
        }
        log.info(
            "The merged list changed",
            metadata: [
                "tools": "\(snapshot.catalog.tools.count)", "resources": "\(snapshot.catalog.resources.count)",
                "prompts": "\(snapshot.catalog.prompts.count)",
            ])
    }
}
