/// What a template reads of a workflow's step: `.steps.ID`, and the field of its output if it names one.
package struct TemplateStepReference: Sendable, Hashable {
    package let step: String
    /// `FIELD` of `.steps.ID.output.FIELD`; `nil` when it reads something else of the step, or all of the output.
    package let field: String?

    /// The references in nodes: where the dot is the root, from `$`, and by `index` with keys in quotes.
    static func find(in nodes: [TemplateNode]) -> [TemplateStepReference] {
        var search = Search()
        search.visit(nodes, dotIsRoot: true)
        return search.found
    }

    private struct Search {
        var found: [TemplateStepReference] = []

        mutating func visit(_ nodes: [TemplateNode], dotIsRoot: Bool) {
            for node in nodes {
                switch node {
                case .text, .leave, .next: break
                case .output(let pipeline): visit(pipeline, dotIsRoot)
                case .choice(let pipeline, let then, let otherwise):
                    visit(pipeline, dotIsRoot)
                    visit(then + otherwise, dotIsRoot: dotIsRoot)
                case .with(let pipeline, let then, let otherwise), .range(let pipeline, let then, let otherwise):
                    visit(pipeline, dotIsRoot)
                    visit(then, dotIsRoot: false)
                    visit(otherwise, dotIsRoot: dotIsRoot)
                case .call(_, let pipeline, _): if let pipeline { visit(pipeline, dotIsRoot) }
                }
            }
        }

        private mutating func visit(_ pipeline: TemplatePipeline, _ dotIsRoot: Bool) {
            for command in pipeline.commands { visit(command.value, dotIsRoot) }
        }

        private mutating func visit(_ expression: TemplateExpression, _ dotIsRoot: Bool) {
            if let path = path(of: expression, dotIsRoot) {
                if path.first == "steps", path.count > 1 {
                    found.append(
                        TemplateStepReference(
                            step: path[1], field: path.count > 3 && path[2] == "output" ? path[3] : nil))
                }
                return
            }
            switch expression {
            case .constant, .field, .variable: break
            case .pipeline(let pipeline, _): visit(pipeline, dotIsRoot)
            case .function(_, let operands): for operand in operands { visit(operand, dotIsRoot) }
            }
        }

        /// The keys from the root to what an expression reads; `nil` when it reads something else.
        private func path(of expression: TemplateExpression, _ dotIsRoot: Bool) -> [String]? {
            switch expression {
            case .field(let names): return dotIsRoot ? names : nil
            case .variable("", let names): return names
            case .pipeline(let pipeline, let names):
                guard pipeline.commands.count == 1, let inner = path(of: pipeline.commands[0].value, dotIsRoot) else {
                    return nil
                }
                return inner + names
            case .function(.index, let operands):
                guard let base = operands.first, let start = path(of: base, dotIsRoot) else { return nil }
                var keys: [String] = []
                for operand in operands.dropFirst() {
                    guard case .constant(.string(let key)) = operand else { break }
                    keys.append(key)
                }
                return start + keys
            default: return nil
            }
        }
    }
}
