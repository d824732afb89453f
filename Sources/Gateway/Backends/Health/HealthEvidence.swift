/// What one event shows of a backend's health.
package enum HealthEvidence: Sendable, Equatable {
    /// Where evidence comes from.
    package enum Source: Sendable, CaseIterable {
        /// A call of a client.
        case call
        /// A probe.
        case probe
        /// An attempt to open the session that lists, with the reading of the lists: more than any call shows.
        case attempt
    }

    /// It answered; whether that took long.
    case answered(isSlow: Bool)
    /// It could not be reached, or does not do what it should.
    case failed(Outcome)
    /// No answer came in time to what was sent then, in milliseconds on the monotonic clock. A slow tool is no dead
    /// backend: it counts only where nothing else was heard since, and once for all that was under way together.
    case silent(since: UInt64, Outcome)
    /// Reason to look, and no more.
    case doubtful
    /// Says nothing.
    case none

    /// What the end of a call, a probe or an attempt shows.
    /// - Parameters:
    ///   - began: When it was sent.
    ///   - hasCredential: Whether a strategy gives the backend credentials. Then a refused one shows that the backend is
    ///     there, and says something about the caller.
    package init(_ outcome: Outcome, from source: Source, began: UInt64, hasCredential: Bool) {
        // The one that lists is opened again at once, and that shows more.
        if outcome.sessionLost, source != .attempt {
            self = outcome.httpStatus == 404 || source == .probe ? .none : .doubtful
            return
        }
        let wasAnswered = outcome.httpStatus != 0
        self =
            switch outcome.status {
            case .ok: .answered(isSlow: false)
            case .cancelled: .none
            case .unauthenticated, .forbidden:
                // Without a status the credential could not be had: the backend was not asked.
                if source == .attempt {
                    .failed(outcome)
                } else if !wasAnswered {
                    .none
                } else if hasCredential {
                    .answered(isSlow: false)
                } else {
                    source == .call ? .doubtful : .failed(outcome)
                }
            case .timeout: source == .call ? .silent(since: began, outcome) : .failed(outcome)
            case .unavailable, .protocolError: .failed(outcome)
            case .exhausted where outcome.httpStatus == 429 && source != .attempt: .answered(isSlow: false)
            case .invalid, .unsupported, .notFound, .exhausted, .internalError:
                if source != .call {
                    wasAnswered && source == .probe ? .answered(isSlow: false) : .failed(outcome)
                } else {
                    wasAnswered ? .answered(isSlow: false) : .none
                }
            }
    }
}
