/// How a backend is, as far as evidence shows: health and circuit breaker as one value without I/O.
///
/// Calls and probes count alike, in one row of failures: the first threshold makes the backend unhealthy, the other opens
/// the circuit. Times are milliseconds on the monotonic clock. The table of transitions is in `docs/reliability.md`.
package struct HealthState: Sendable, Equatable {
    /// The words are ToolHive's.
    package enum Status: String, Sendable, CaseIterable {
        /// Nothing is known yet.
        case unknown
        case healthy
        /// It answers slowly, or has answered once after failures.
        case degraded
        case unhealthy
        /// It wants a credential, and none is configured or the one it gets is refused.
        case unauthenticated
    }

    package enum Circuit: Sendable, Equatable {
        case closed
        /// Nothing is sent until then.
        case open(until: UInt64)
        /// One trial is under way, whose end decides.
        case halfOpen

        /// As ToolHive writes it.
        package var word: String {
            switch self {
            case .closed: "closed"
            case .open: "open"
            case .halfOpen: "half-open"
            }
        }
    }

    package internal(set) var settings: HealthSettings
    package private(set) var status = Status.unknown
    package private(set) var circuit = Circuit.closed
    /// Since the last answer.
    package private(set) var consecutiveFailures = 0
    /// `nil` when all is well.
    package private(set) var lastFailure: Outcome?
    /// When evidence came last; 0 = never. So the other times.
    package private(set) var lastCheck: UInt64 = 0
    /// When ``status`` changed last.
    package private(set) var lastTransition: UInt64 = 0
    /// When ``circuit`` changed last.
    package private(set) var circuitChanged: UInt64 = 0
    private var lastAnswer: UInt64 = 0
    private var lastSilence: UInt64 = 0
    /// No probe before.
    private var quietUntil: UInt64 = 0
    /// When a probe or an attempt began last.
    private var lastBegin: UInt64 = 0
    private var isDoubted = false
    private var isRecovering = false

    package init(_ settings: HealthSettings = HealthSettings()) { self.settings = settings }

    /// Whether what it offers is shown to clients.
    package var isListed: Bool {
        circuit == .closed && (status == .healthy || status == .degraded || status == .unknown)
    }

    /// Whether an answer would change nothing but the time it came.
    package var isSteady: Bool { status == .healthy && circuit == .closed && consecutiveFailures == 0 && !isDoubted }

    // MARK: - Evidence

    /// It was heard of, at a time that may have passed.
    package mutating func heard(at time: UInt64) { lastAnswer = max(lastAnswer, time) }

    package mutating func note(_ evidence: HealthEvidence, from source: HealthEvidence.Source, now: UInt64) {
        switch (circuit, source) {
        case (.open, .call), (.open, .probe), (.halfOpen, .call):
            // Sent before the circuit opened: only the trial says how the backend is now.
            if case .answered = evidence { heard(at: now) }
            return
        default: break
        }
        switch evidence {
        case .none: return
        case .doubtful: if isListed { isDoubted = true }
        case .answered(let isSlow): answered(isSlow: isSlow, source, now)
        case .failed(let outcome): failed(outcome, source, now)
        case .silent(let since, let outcome):
            guard since > lastAnswer, since > lastSilence else { return }
            lastSilence = now
            failed(outcome, source, now)
        }
    }

    private mutating func answered(isSlow: Bool, _ source: HealthEvidence.Source, _ now: UInt64) {
        heard(at: now)
        lastCheck = now
        isRecovering = source != .attempt && (consecutiveFailures > 0 || !isListed)
        (consecutiveFailures, lastFailure, quietUntil) = (0, nil, 0)
        if source != .call { isDoubted = false }
        become(isRecovering || isSlow ? .degraded : .healthy, now)
        turn(.closed, now)
    }

    private mutating func failed(_ outcome: Outcome, _ source: HealthEvidence.Source, _ now: UInt64) {
        lastCheck = now
        isRecovering = false
        consecutiveFailures += 1
        lastFailure = outcome
        quietUntil = now + min(outcome.retryAfter, HealthSettings.longestRetryAfter)
        if source == .call { isDoubted = true }
        // Without its session nothing can be sent to it: that needs no second failure.
        if source == .attempt || consecutiveFailures >= settings.unhealthyThreshold {
            let isRefused = outcome.status == .unauthenticated || outcome.status == .forbidden
            become(isRefused ? .unauthenticated : .unhealthy, now)
        }
        guard let breaker = settings.breaker else { return }
        if circuit != .closed || consecutiveFailures >= breaker.failureThreshold {
            if case .open(let until) = circuit, until > now { return }
            turn(.open(until: max(now + breaker.timeout, quietUntil)), now)
        }
    }

    private mutating func become(_ status: Status, _ now: UInt64) {
        guard self.status != status else { return }
        (self.status, lastTransition) = (status, now)
    }

    private mutating func turn(_ circuit: Circuit, _ now: UInt64) {
        guard self.circuit != circuit else { return }
        (self.circuit, circuitChanged) = (circuit, now)
        if circuit != .closed { isDoubted = false }
    }

    // MARK: - What follows

    /// When the next probe or attempt is due; `nil` while there is nothing to find out, or a trial under way.
    package var probeDue: UInt64? {
        switch circuit {
        case .halfOpen: return nil
        case .open(let until): return until
        case .closed: break
        }
        if isDoubted { return quietUntil }
        if consecutiveFailures > 0 || isRecovering {
            let growing = HealthSettings.soon << UInt64(min(max(consecutiveFailures, 1) - 1, 16))
            return max(max(lastCheck, lastBegin) + min(growing, settings.interval), quietUntil)
        }
        guard settings.probesRegularly, status != .unknown else { return nil }
        return max(lastAnswer, lastCheck, lastBegin) + settings.interval
    }

    /// A probe or an attempt begins. With an open circuit whose time is over, it is the trial.
    /// - Returns: False when none may begin.
    package mutating func begin(now: UInt64) -> Bool {
        switch circuit {
        case .halfOpen: return false
        case .open(let until) where now < until: return false
        case .open: turn(.halfOpen, now)
        case .closed: break
        }
        (isDoubted, lastBegin) = (false, now)
        return true
    }

    /// A trial ended without saying anything: the next attempt is the trial.
    package mutating func abandonTrial(now: UInt64) {
        if circuit == .halfOpen { turn(.open(until: now), now) }
    }

    /// How a call fails at once, without contact; `nil` when it may be sent.
    package func refusal(now: UInt64) -> Outcome? {
        let wait: UInt64
        switch circuit {
        case .closed: return nil
        case .open(let until): wait = until > now ? until - now : HealthSettings.soon
        case .halfOpen: wait = HealthSettings.soon
        }
        let last = lastFailure.map { "; the last failure: \(FailureAnswer.category($0))" } ?? ""
        return Outcome(
            .unavailable, notSent: true, retryAfter: wait,
            message: "is not called for now, after \(consecutiveFailures) failures in a row\(last)",
            refusal: .circuitOpen)
    }
}
