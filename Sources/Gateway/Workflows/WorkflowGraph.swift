/// A composite tool as a graph of its steps, for people and for programs that draw.
package struct WorkflowGraph: Sendable {
    package enum Format: String, Sendable, CaseIterable { case text, dot, mermaid }

    private let definition: WorkflowDefinition

    package init(_ definition: WorkflowDefinition) { self.definition = definition }

    package func text(_ format: Format) -> String {
        switch format {
        case .text: lines
        case .dot: dot
        case .mermaid: mermaid
        }
    }

    /// What a step does, in few words.
    package static func work(of step: WorkflowStep) -> String {
        switch step.work {
        case .tool(let call): call.tool
        case .elicitation: "asks a person"
        case .forEach(let forEach): "\(forEach.call.tool) for each"
        }
    }

    private var lines: String {
        let width = definition.steps.map { TerminalColumns.of($0.id) }.max() ?? 0
        let works = definition.steps.map(Self.work)
        let workWidth = works.map { TerminalColumns.of($0) }.max() ?? 0
        let rows = definition.steps.indices.map { index in
            let step = definition.steps[index]
            let before = definition.dependencies[index].map { definition.steps[$0].id }
            var row = "  " + TerminalColumns.padded(step.id, to: width) + "  "
            row += TerminalColumns.padded(works[index], to: workWidth)
            row += before.isEmpty ? "" : "  after \(before.joined(separator: ", "))"
            if let condition = step.condition { row += "  if \(condition.text)" }
            return row.trimmingTrailingSpace
        }
        return (["\(definition.name): \(definition.description)"] + rows).joined(separator: "\n")
    }

    private var dot: String {
        var out = ["digraph \(Self.quoted(definition.name)) {", "  rankdir=LR;", "  node [shape=box];"]
        for (index, step) in definition.steps.enumerated() {
            let shape = if case .elicitation = step.work { ", shape=diamond" } else { "" }
            let style = step.condition == nil ? "" : ", style=dashed"
            out.append("  s\(index) [label=\(Self.quoted("\(step.id)\n\(Self.work(of: step))"))\(shape)\(style)];")
        }
        for (from, to) in edges { out.append("  s\(from) -> s\(to);") }
        return (out + ["}"]).joined(separator: "\n")
    }

    private var mermaid: String {
        var out = ["flowchart LR"]
        for (index, step) in definition.steps.enumerated() {
            let label = "\"\(Self.entities("\(step.id)"))<br>\(Self.entities(Self.work(of: step)))\""
            if case .elicitation = step.work {
                out.append("  s\(index){\(label)}")
            } else {
                out.append("  s\(index)[\(label)]")
            }
        }
        for (from, to) in edges {
            out.append(definition.steps[to].condition == nil ? "  s\(from) --> s\(to)" : "  s\(from) -.-> s\(to)")
        }
        return out.joined(separator: "\n")
    }

    private var edges: [(Int, Int)] {
        definition.dependencies.indices.flatMap { to in definition.dependencies[to].map { ($0, to) } }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }

    private static func entities(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;")
    }
}

extension String {
    fileprivate var trimmingTrailingSpace: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}
