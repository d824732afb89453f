/// What the condition of a step came to: exactly one of six words (Go, `strconv.ParseBool`, without its short forms).
package enum WorkflowCondition: Sendable, Equatable {
    case run, skip

    /// `nil` for any other text.
    package init?(_ text: String) {
        switch text {
        case "true", "True", "TRUE": self = .run
        case "false", "False", "FALSE": self = .skip
        default: return nil
        }
    }
}
