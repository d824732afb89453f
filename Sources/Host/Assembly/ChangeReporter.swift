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
