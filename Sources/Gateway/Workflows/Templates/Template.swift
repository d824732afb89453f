/// A text with actions of Go's `text/template` in it, read and checked.
///
/// The subset and where it differs from Go on purpose are in `docs/workflows.md`. Expanding has no side effects, and
/// takes bounded time and memory (``TemplateEvaluator``).
package struct Template: Sendable {
    package let text: String
    private let root: [TemplateNode]
    private let definitions: [String: [TemplateNode]]

    /// - Throws: ``TemplateError`` with the place of the first thing that does not fit.
    package init(_ text: String) throws(TemplateError) {
        let bytes = Array(text.utf8)
        do throws(TemplateFault) { (root, definitions) = try TemplateParser.parse(bytes) } catch {
            throw TemplateError(error.message, at: error.offset ?? 0, of: bytes)
        }
        self.text = text
    }

    /// Whether it has no action, so that its text is its value.
    package var isPlain: Bool {
        root.allSatisfy { if case .text = $0 { true } else { false } }
    }

    /// Whether it makes text whatever the data are: it is more than one action.
    package var isText: Bool {
        guard root.count == 1, case .output(let pipeline) = root[0] else { return true }
        return !pipeline.variables.isEmpty
    }

    /// What it reads of the steps of a workflow.
    package var stepReferences: [TemplateStepReference] {
        TemplateStepReference.find(in: root + definitions.values.flatMap { $0 })
    }

    /// The text with its actions replaced.
    /// - Parameter limit: Most work, in the steps of ``TemplateEvaluator``.
    /// - Throws: ``TemplateError`` with the place of the action that failed.
    package func expanded(
        _ data: TemplateValue, limit: Int = TemplateEvaluator.maximumSteps
    ) throws(TemplateError) -> String {
        let bytes = try run(data, limit: limit) { (evaluator) throws(TemplateFault) in try evaluator.text(root) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value: that of the action when the template is one action and nothing else, so that a number stays a number;
    /// else the text.
    /// - Throws: ``TemplateError``, also when the value is missing.
    package func value(_ data: TemplateValue) throws(TemplateError) -> TemplateValue {
        guard !isText, case .output(let pipeline) = root[0] else {
            return .string(try expanded(data))
        }
        let value = try run(data) { (evaluator) throws(TemplateFault) in try evaluator.value(pipeline) }
        if case .missing(let path) = value {
            throw TemplateError(
                "`\(path)` is missing; use `default` where it may be", at: pipeline.valueOffset, of: Array(text.utf8))
        }
        return value
    }

    private func run<Result>(
        _ data: TemplateValue, limit: Int = TemplateEvaluator.maximumSteps,
        _ body: (inout TemplateEvaluator) throws(TemplateFault) -> Result
    ) throws(TemplateError) -> Result {
        var evaluator = TemplateEvaluator(definitions: definitions, root: data, limit: limit)
        do throws(TemplateFault) { return try body(&evaluator) } catch {
            throw TemplateError(error.message, at: error.offset ?? 0, of: Array(text.utf8))
        }
    }
}
