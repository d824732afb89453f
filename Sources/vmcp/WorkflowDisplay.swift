import Gateway
import Synchronization

/// Shows the steps of a run on standard error: live on a terminal, otherwise a line for each thing that happens.
final class WorkflowDisplay: WorkflowEvents {
    private struct State {
        var picture: WorkflowPicture
        /// Lines drawn before that the next drawing replaces.
        var drawn = 0
        var isPaused = false
    }

    private let state: Mutex<State>

    init(_ definition: WorkflowDefinition) {
        state = Mutex(State(picture: WorkflowPicture(definition)))
    }

    /// Shows the steps before anything happens: backends may take long to start.
    func begin() {
        guard Terminal.isLive else { return }
        Terminal.complain(Terminal.styledLive("Starting the backends", .dim))
        state.withLock { draw(&$0) }
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
        state.withLock { state in
            state.picture.happened(event)
            draw(&state)
        }
    }

    /// A question is on the screen: nothing is drawn over it.
    func pause() { state.withLock { $0.isPaused = true } }

    func resume() {
        state.withLock { state in
            (state.isPaused, state.drawn) = (false, 0)
            draw(&state)
        }
    }

    private func draw(_ state: inout State) {
        guard !state.isPaused else { return }
        let size = Terminal.size
        let lines = state.picture.lines(size.lines - 1, columns: size.columns)
        let up = state.drawn > 0 ? "\u{1B}[\(state.drawn)A\u{1B}[J" : ""
        Terminal.complain(up + lines.joined(separator: "\n"))
        state.drawn = lines.count
    }
}
