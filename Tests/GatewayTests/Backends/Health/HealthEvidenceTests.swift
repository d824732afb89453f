import Gateway
import Testing

@Suite("What an end shows of a backend's health")
struct HealthEvidenceTests {
    enum Shown: Sendable { case answered, failed, silent, doubtful, none }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let outcome: Outcome
        /// Of a call, a probe and an attempt.
        let shown: (Shown, Shown, Shown)
        var hasCredential = false
        init(_ claim: String, _ outcome: Outcome, _ shown: (Shown, Shown, Shown), hasCredential: Bool = false) {
            (testDescription, self.outcome, self.shown, self.hasCredential) = (claim, outcome, shown, hasCredential)
        }
    }

    static let rows: [Row] = [
        Row("refused connection", Outcome(.unavailable, notSent: true), (.failed, .failed, .failed)),
        Row("500", Outcome(.unavailable, httpStatus: 500), (.failed, .failed, .failed)),
        Row("no answer in time", Outcome(.timeout), (.silent, .failed, .failed)),
        Row("broken protocol", Outcome(.protocolError), (.failed, .failed, .failed)),
        Row("cancelled by the client", Outcome(.cancelled), (.none, .none, .none)),
        Row("401 without a strategy", Outcome(.unauthenticated, httpStatus: 401), (.doubtful, .failed, .failed)),
        Row(
            "401 with one", Outcome(.unauthenticated, httpStatus: 401), (.answered, .answered, .failed),
            hasCredential: true),
        Row("403 with one", Outcome(.forbidden, httpStatus: 403), (.answered, .answered, .failed), hasCredential: true),
        Row("a credential that cannot be had", Outcome(.unauthenticated), (.none, .none, .failed), hasCredential: true),
        Row("too many requests", Outcome(.exhausted, httpStatus: 429), (.answered, .answered, .failed)),
        Row("an answer that is too large", Outcome(.exhausted), (.none, .failed, .failed)),
        Row("400", Outcome(.invalid, httpStatus: 400), (.answered, .answered, .failed)),
        Row("a request that was not sent", Outcome(.invalid), (.none, .failed, .failed)),
        Row(
            "an expired session", Outcome(.notFound, notSent: true, sessionLost: true, httpStatus: 404),
            (.none, .none, .failed)),
        Row("a process that exited", Outcome(.unavailable, sessionLost: true), (.doubtful, .none, .failed)),
    ]

    @Test("Calls, probes and attempts count as they should", arguments: rows)
    func shown(row: Row) {
        func shown(_ source: HealthEvidence.Source) -> Shown {
            switch HealthEvidence(row.outcome, from: source, began: 1, hasCredential: row.hasCredential) {
            case .answered: .answered
            case .failed: .failed
            case .silent: .silent
            case .doubtful: .doubtful
            case .none: .none
            }
        }
        #expect((shown(.call), shown(.probe), shown(.attempt)) == row.shown)
    }
}
