import Gateway
import Synchronization

/// Shows the steps of a run on standard error: live on a terminal, otherwise a line for each thing that happens.
final class WorkflowDisplay: WorkflowEvents {
    private let picture: Mutex<WorkflowPicture>

    init(_ definition: WorkflowDefinition) { picture = Mutex(WorkflowPicture(definition)) }

    /// Shows the steps before anything happens: backends may take long to start.
    func begin() {
        guard Terminal.isLive else { return }
        Terminal.complain(Terminal.styledLive("Starting the backends", .dim))
        picture.withLock { draw($0) }
    }

    func happened(_ event: WorkflowEvent) {
        guard Terminal.isLive else {
            let kind = event.kind.rawValue.dropFirst("vmcp_workflow_".count)
            let words = [
                WorkflowPicture.seconds(event.elapsed), String(kind), event.step ?? "",
                WorkflowPicture.oneLine(event.detail),
            ]
            return Terminal.complain(words.filter { !$0.isEmpty }.joined(separator: "  "))
        }
        picture.withLock { picture in
            picture.happened(event)
            draw(picture)
        }
    }

    /// A question is on the screen: nothing is drawn over it.
    func pause() { LiveRegion.shared.hold() }

    func resume() { if Terminal.isLive { LiveRegion.shared.release() } }

    /// Nothing is drawn any more.
    func end() { LiveRegion.shared.end() }

    private func draw(_ picture: WorkflowPicture) {
        let size = Terminal.size
        LiveRegion.shared.show(picture.lines(size.lines - 1, columns: size.columns))
    }
}
