import Gateway
import Testing

@Suite("Health of a backend, whatever happens")
struct HealthPropertyTests {
    /// Events at random, with what must hold after each of them.
    struct Run {
        var dice: SplitMix
        var state: HealthState
        var now: UInt64 = 1_000
        /// Answers and failures that the circuit let count, as one who only counts sees them.
        var failures = 0

        init(seed: UInt64) {
            dice = SplitMix(state: seed)
            var settings = HealthSettings()
            settings.interval = UInt64.random(in: 1...60_000, using: &dice)
            settings.unhealthyThreshold = Int.random(in: 1...6, using: &dice)
            settings.probesRegularly = Bool.random(using: &dice)
            if Bool.random(using: &dice) {
                settings.breaker = HealthSettings.Breaker(
                    failureThreshold: Int.random(in: 1...6, using: &dice),
                    timeout: UInt64.random(in: 1...100_000, using: &dice))
            }
            state = HealthState(settings)
        }

        mutating func evidence() -> HealthEvidence {
            let outcome = Outcome(
                [.unavailable, .protocolError, .unauthenticated].randomElement(using: &dice) ?? .unavailable,
                retryAfter: Bool.random(using: &dice) ? 0 : UInt64.random(in: 0...1_000_000, using: &dice))
            switch Int.random(in: 0..<10, using: &dice) {
            case 0...2: return .answered(isSlow: Bool.random(using: &dice))
            case 3...6: return .failed(outcome)
            case 7: return .silent(since: now - UInt64.random(in: 0...1_000, using: &dice), Outcome(.timeout))
            case 8: return .doubtful
            default: return .none
            }
        }

        mutating func step() {
            let longest: UInt64 = Bool.random(using: &dice) ? 50 : 50_000
            now += UInt64.random(in: 0...longest, using: &dice)
            let before = state
            guard Int.random(in: 0..<4, using: &dice) > 0 else {
                let may = state.begin(now: now)
                if case .open(let until) = before.circuit {
                    #expect(may == (now >= until))
                    #expect(state.circuit == (may ? .halfOpen : before.circuit))
                }
                if before.circuit == .halfOpen { #expect(!may) }
                if before.circuit == .closed { #expect(may) }
                return check(before)
            }
            let evidence = evidence()
            let source = HealthEvidence.Source.allCases.randomElement(using: &dice) ?? .call
            state.note(evidence, from: source, now: now)
            if before.circuit != .closed, source == .call {
                #expect((state.circuit, state.status) == (before.circuit, before.status))
                #expect(state.consecutiveFailures == before.consecutiveFailures)
            }
            count(evidence, source, before)
            check(before)
        }

        private mutating func count(
            _ evidence: HealthEvidence, _ source: HealthEvidence.Source, _ before: HealthState
        ) {
            let counts: Bool
            switch (before.circuit, source) {
            case (.open, .attempt), (.closed, _), (.halfOpen, .probe), (.halfOpen, .attempt): counts = true
            default: counts = false
            }
            switch evidence {
            case .answered where counts: failures = 0
            case .failed where counts: failures += 1
            // Whether silence counts depends on what was heard before.
            case .silent where counts: failures += state.consecutiveFailures - before.consecutiveFailures
            default: break
            }
            #expect(state.consecutiveFailures == failures)
            if case .answered = evidence, counts {
                #expect(state.isListed && state.circuit == .closed && state.lastFailure == nil)
            }
        }

        private func check(_ before: HealthState) {
            let settings = state.settings
            if settings.breaker == nil { #expect(state.circuit == .closed) }
            if let breaker = settings.breaker, state.circuit == .closed {
                #expect(state.consecutiveFailures < breaker.failureThreshold)
            }
            if state.consecutiveFailures >= settings.unhealthyThreshold { #expect(!state.isListed) }
            #expect((state.circuit == .closed) == (state.refusal(now: now) == nil))
            #expect(state.circuit == .closed || !state.isListed)
            #expect((state.lastFailure == nil) == (state.consecutiveFailures == 0))
            #expect(state.lastTransition == (state.status == before.status ? before.lastTransition : now))
            if state.circuit != before.circuit { #expect(state.circuitChanged == now) }
            if before.circuit == .closed { #expect(state.circuit != .halfOpen) }
            // What is not shown is looked at again, by itself and in bounded time.
            if !state.isListed, state.circuit != .halfOpen {
                let due = state.probeDue
                #expect(due != nil)
                let longest = max(settings.interval, settings.breaker?.timeout ?? 0, HealthSettings.longestRetryAfter)
                if let due { #expect(due <= now + longest) }
            }
        }
    }

    @Test("10,000 random sequences of events break none of the rules", arguments: 0..<20)
    func rules(part: UInt64) {
        for seed in part * 500..<(part + 1) * 500 {
            var run = Run(seed: seed)
            for _ in 0..<40 { run.step() }
        }
    }
}
