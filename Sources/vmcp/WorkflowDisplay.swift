import Gateway
import Synchronization

/// Shows the steps of a run on standard error: live on a terminal, otherwise a line for each thing that happens.
final class WorkflowDisplay: WorkflowEvents {
    private struct State {
        var steps: [(id: String, work: String, mark: String, detail: String)]
        /// Lines drawn before that the next drawing replaces.
        var drawn = 0
        var isPaused = false
    }

    private let isLive = Terminal.isLive
    private let state: Mutex<State>

    init(_ definition: WorkflowDefinition) {
        state = Mutex(State(steps: definition.steps.map { ($0.id, WorkflowGraph.work(of: $0), "waiting", "") }))
    }

    func happened(_ event: WorkflowEvent) {
        guard isLive else {
            let kind = event.kind.rawValue.dropFirst("vmcp_workflow_".count)
            let words = [Self.seconds(event.elapsed), String(kind), event.step ?? "", event.detail].filter {
                !$0.isEmpty
            }
            return Terminal.complain(words.joined(separator: "  "))
        }
        state.withLock { state in
            if let index = state.steps.firstIndex(where: { $0.id == event.step }), let mark = Self.mark(event.kind) {
                state.steps[index].mark = mark
                state.steps[index].detail = "\(Self.seconds(event.elapsed))  \(event.detail)"
            }
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
        let table = Terminal.table(state.steps.map { [Self.styled($0.mark), $0.id, $0.work, $0.detail] }, indent: "  ")
        let up = state.drawn > 0 ? "\u{1B}[\(state.drawn)A\u{1B}[J" : ""
        Terminal.complain(up + table)
        state.drawn = state.steps.count
    }

    private static func mark(_ kind: WorkflowEvent.Kind) -> String? {
        switch kind {
        case .stepStarted: "running"
        case .stepCompleted: "done"
        case .stepFailed: "failed"
        case .stepSkipped: "skipped"
        case .stepRetried: "again"
        case .asked: "asking"
        default: nil
        }
    }

    private static func styled(_ mark: String) -> String {
        switch mark {
        case "done": Terminal.styled("done   ", .green)
        case "failed": Terminal.styled("failed ", .red)
        case "waiting", "skipped": Terminal.styled(mark, .dim)
        default: Terminal.styled(mark + String(repeating: " ", count: 7 - mark.count), .yellow)
        }
    }

    private static func seconds(_ milliseconds: UInt64) -> String {
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction + "s"
    }
}
