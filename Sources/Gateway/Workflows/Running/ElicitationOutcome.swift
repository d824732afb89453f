/// What a person's answer means for the step that asked.
enum ElicitationOutcome: Sendable {
    enum Refusal: String, Sendable {
        case decline, cancel, timeout

        var sentence: String {
            switch self {
            case .decline: "elicitation request was declined by user"
            case .cancel: "elicitation request was cancelled by user"
            case .timeout: "elicitation request timed out"
            }
        }
    }

    case accepted(StepOutput)
    case refused(Refusal)
    /// No answer that could be used, and why.
    case unusable(String)

    /// Largest content of an answer, in bytes, and its deepest nesting.
    private static let largestContent = 1 << 20
    private static let deepestContent = 10

    init(_ answer: ElicitationAnswer, to elicitation: WorkflowStep.Elicitation) {
        switch answer {
        case .none(let reason): self = .unusable(reason)
        case .result(let result):
            switch result["action"]?.string {
            case "accept": self = Self.accepted(result["content"], elicitation.schema)
            case "decline": self = .refused(.decline)
            case "cancel": self = .refused(.cancel)
            default: self = .unusable("expected the action accept, decline or cancel, found another")
            }
        }
    }

    private static func accepted(_ content: JSONSlice?, _ schema: JSONSchema) -> ElicitationOutcome {
        let empty = Array("{}".utf8)
        let content = content ?? JSONSlice(base: empty, range: 0..<empty.count)
        guard content.range.count <= largestContent else { return .unusable("the answer is larger than 1 MiB") }
        guard depth(of: content) <= deepestContent else {
            return .unusable("the answer is nested deeper than \(deepestContent) levels")
        }
        if let violation = schema.violations(of: content).first {
            return .unusable("the answer does not fit the schema: \(violation)")
        }
        return .accepted(
            StepOutput(value: .map(["action": .string("accept"), "content": TemplateValue(content)])))
    }

    private static func depth(of value: JSONSlice) -> Int {
        let inner = value.kind == .object ? value.members.map(\.value) : value.elements
        return value.kind == .object || value.kind == .array ? 1 + (inner.map(depth).max() ?? 0) : 0
    }
}
