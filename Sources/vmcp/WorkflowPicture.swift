import Gateway

/// The steps of a run as lines for a terminal.
struct WorkflowPicture {
    private enum Mark: String {
        case waiting, running, asking, again, done, failed, skipped

        init?(_ kind: WorkflowEvent.Kind) {
            switch kind {
            case .stepStarted, .answered: self = .running
            case .stepCompleted: self = .done
            case .stepFailed: self = .failed
            case .stepSkipped: self = .skipped
            case .stepRetried: self = .again
            case .asked: self = .asking
            case .started, .completed, .failed, .timedOut, .cancelled: return nil
            }
        }

        var style: Terminal.Style {
            switch self {
            case .done: .green
            case .failed: .red
            case .waiting, .skipped: .dim
            case .running, .asking, .again: .yellow
            }
        }

        /// What is left out first when there are too few lines: what is over, then what has not begun.
        var rank: Int {
            switch self {
            case .running, .asking, .again, .failed: 0
            case .waiting: 1
            case .done, .skipped: 2
            }
        }
    }

    private static let markWidth = 7
    private var steps: [(id: String, work: String, mark: Mark, detail: String)]

    init(_ definition: WorkflowDefinition) {
        steps = definition.steps.map { ($0.id, WorkflowGraph.work(of: $0), .waiting, "") }
    }

    mutating func happened(_ event: WorkflowEvent) {
        guard let index = steps.firstIndex(where: { $0.id == event.step }), let mark = Mark(event.kind) else { return }
        steps[index].mark = mark
        steps[index].detail = "\(Self.seconds(event.elapsed))  \(Self.oneLine(event.detail))"
    }

    /// A line for each step, in their order; when there are more than `limit`, a last one counts those that are left out.
    /// No line is longer than the terminal is wide, so that what was drawn can be drawn over.
    func lines(_ limit: Int, columns: Int) -> [String] {
        var shown = Array(steps.indices)
        if shown.count > limit {
            // The sort is stable.
            shown = Array(shown.sorted { steps[$0].mark.rank < steps[$1].mark.rank }.prefix(max(limit - 1, 1))).sorted()
        }
        let table = Terminal.table(shown.map { [steps[$0].id, steps[$0].work, steps[$0].detail] })
        let rest = max(columns - Self.markWidth - 5, 0)
        var lines = zip(shown, table.split(separator: "\n", omittingEmptySubsequences: false)).map { index, text in
            let mark = steps[index].mark
            let word = mark.rawValue + String(repeating: " ", count: Self.markWidth - mark.rawValue.count)
            return "  \(Terminal.styledLive(word, mark.style))  \(TerminalColumns.prefix(text, rest))"
        }
        if shown.count < steps.count { lines.append("  … \(steps.count - shown.count) more") }
        return lines
    }

    static func seconds(_ milliseconds: UInt64) -> String {
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction + "s"
    }

    /// What a backend says may have line breaks, and escape sequences that a terminal would obey.
    static func oneLine(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
