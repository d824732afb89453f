/// What another configuration changed about the backends, by name, sorted.
package struct ReloadOutcome: Sendable, Equatable {
    package var added: [String] = []
    package var removed: [String] = []
    /// Started anew with other settings.
    package var replaced: [String] = []
    /// Of those added or replaced: did not answer within the time that a reload waits. They take their places when they do.
    package var late: [String] = []

    /// Whether no backend was touched.
    package var isEmpty: Bool { added.isEmpty && removed.isEmpty && replaced.isEmpty }
}
