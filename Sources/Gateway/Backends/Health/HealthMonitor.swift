import Synchronization

/// Keeps the health of one backend: what calls and probes show goes in, and who waits for news is told.
///
/// The way of a call takes no lock while all is well.
package final class HealthMonitor: Sendable {
    package typealias Change = @Sendable (_ before: HealthState, _ after: HealthState) -> Void

    private let clock: GatewayClock
    /// Whether a strategy gives the backend credentials.
    private let hasCredential: Bool
    private let changed: Change
    private let current: Mutex<HealthState>
    private let watcher = Mutex<(@Sendable () -> Void)?>(nil)
    // Beside the lock: when an answer came last, and what ``current`` says of answers and of calls.
    private let lastAnswer = Atomic<UInt64>(0)
    private let isSteady = Atomic<Bool>(false)
    private let isAway = Atomic<Bool>(false)
    private let attempt = Atomic<UInt64>(0)

    /// - Parameter changed: Told of each change of status or circuit; any thread, in no lock.
    package init(
        _ settings: HealthSettings, clock: GatewayClock, hasCredential: Bool, changed: @escaping Change
    ) {
        self.clock = clock
        self.hasCredential = hasCredential
        self.changed = changed
        current = Mutex(HealthState(settings))
    }

    /// What is known now.
    package var state: HealthState { withState { $0 } }

    /// Other settings hold from now on, over what is known.
    func retune(_ settings: HealthSettings) {
        withState { $0.settings = settings }
        watcher.withLock { $0 }?()
    }

    /// When it is looked at again, in milliseconds on the monotonic clock; `nil` while nothing is planned.
    package var nextTry: UInt64? {
        let attempt = attempt.load(ordering: .relaxed)
        return attempt == 0 ? probeDue : attempt
    }

    /// Tells `news` whenever a probe may be due earlier, or something else may have changed.
    func watch(_ news: @escaping @Sendable () -> Void) { watcher.withLock { $0 = news } }

    // MARK: - Evidence

    /// A call was answered.
    func answered() {
        lastAnswer.store(clock.now(), ordering: .relaxed)
        if !isSteady.load(ordering: .relaxed) { note(.answered(isSlow: false), from: .call) }
    }

    /// Something came that ends no call.
    func heard() { lastAnswer.store(clock.now(), ordering: .relaxed) }

    /// A call, a probe or an attempt that was sent at `began` ended without an answer.
    func ended(_ outcome: Outcome, from source: HealthEvidence.Source, began: UInt64 = 0) {
        note(HealthEvidence(outcome, from: source, began: began, hasCredential: hasCredential), from: source)
    }

    func note(_ evidence: HealthEvidence, from source: HealthEvidence.Source) {
        if case .none = evidence, source == .call { return }
        let now = clock.now()
        let (before, after) = withState { state in
            let before = state
            state.note(evidence, from: source, now: now)
            if case .none = evidence { state.abandonTrial(now: now) }
            return (before, state)
        }
        guard before != after else { return }
        if before.status != after.status || before.circuit != after.circuit { changed(before, after) }
        watcher.withLock { $0 }?()
    }

    // MARK: - What follows

    /// When the next probe is due; `nil` while none is.
    var probeDue: UInt64? { withState { $0.probeDue } }

    /// A probe or an attempt begins.
    /// - Returns: False when none may.
    func begin() -> Bool {
        let now = clock.now()
        let (may, before, after) = withState { state in
            let before = state
            return (state.begin(now: now), before, state)
        }
        if before.circuit != after.circuit { changed(before, after) }
        return may
    }

    /// The backend has no session, and the next attempt to open one is made then; 0 = it is made, or there is one.
    func attempts(at time: UInt64) { attempt.store(time, ordering: .relaxed) }

    /// How a call fails at once, without contact; `nil` when it may be sent.
    func refusal() -> Outcome? {
        guard isAway.load(ordering: .relaxed) else { return nil }
        let now = clock.now()
        return withState { state in
            if let refusal = state.refusal(now: now) { return refusal }
            guard !state.isListed else { return nil }
            let due = max(attempt.load(ordering: .relaxed), state.probeDue ?? 0)
            return Outcome(
                .unavailable, notSent: true, retryAfter: due > now ? due - now : HealthSettings.soon,
                message: "is not available for now: \(state.lastFailure?.message ?? "it failed")", refusal: .away)
        }
    }

    private func withState<T>(_ change: (inout HealthState) -> T) -> T {
        current.withLock { state in
            state.heard(at: lastAnswer.load(ordering: .relaxed))
            defer {
                isSteady.store(state.isSteady, ordering: .relaxed)
                isAway.store(!state.isListed, ordering: .relaxed)
            }
            return change(&state)
        }
    }
}
