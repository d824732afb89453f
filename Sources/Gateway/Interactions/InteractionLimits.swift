/// What calls that wait for answers of clients may hold, and for how long.
package struct InteractionLimits: Sendable, Equatable {
    /// Milliseconds that a client may take for the answers of one round. Default 10 minutes: people answer.
    package var answerTime: UInt64 = 600_000
    /// Rounds of questions that one call may have. Default 32.
    package var rounds = 32
    /// Milliseconds that what a backend with sessions asks is held back, so that requests that come close together make
    /// one round. Default 20.
    package var gatherTime: UInt64 = 20
    /// Calls that wait for a retry, of all callers together. Default 1,000.
    package var parkedCalls = 1_000
    /// Calls of one principal that wait for a retry; anonymous callers are one principal. Default 250.
    package var parkedCallsPerPrincipal = 250

    /// Questions without an answer that a call of a client of 2026-07-28, or one session with a backend, may have; one more is
    /// refused.
    static let questions = 1_000
    /// What a backend that asks one more is told.
    static let tooManyQuestions = "\(questions) requests have no answer yet; wait for some"

    package init() {}
}

extension Outcome {
    /// A backend asks on and on.
    static func tooManyRounds(limit: Int) -> Outcome {
        Outcome(
            .exhausted,
            message: "asked more than \(limit) rounds of questions in one call (operational.limits.roundsPerCall)")
    }
}
