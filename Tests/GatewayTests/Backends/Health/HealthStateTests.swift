import Gateway
import Testing

@Suite("Health of a backend, as a value")
struct HealthStateTests {
    /// One step: what happens, and when.
    enum Event: Sendable {
        case note(HealthEvidence, HealthEvidence.Source)
        /// A probe or an attempt wants to begin; whether it may.
        case begin(Bool)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let claim: String
        let events: [(UInt64, Event)]
        let status: HealthState.Status
        let circuit: HealthState.Circuit
        let failures: Int
        let due: UInt64?
        var testDescription: String { claim }
    }

    static let refused = HealthEvidence.failed(Outcome(.unavailable, notSent: true))
    static let answer = HealthEvidence.answered(isSlow: false)
    static let call = Event.note(refused, .call)
    static let probe = Event.note(refused, .probe)
    static let up = Event.note(answer, .attempt)
    static func silent(_ since: UInt64) -> Event { .note(.silent(since: since, Outcome(.timeout)), .call) }

    /// Thresholds: unhealthy after 3, open after 5; the circuit stays open for 60 s, probes come every 30 s.
    static var settings: HealthSettings {
        var settings = HealthSettings()
        settings.breaker = HealthSettings.Breaker()
        return settings
    }

    static let rows: [Row] = [
        Row(claim: "nothing known", events: [], status: .unknown, circuit: .closed, failures: 0, due: nil),
        Row(
            claim: "lists read", events: [(1_000, up)], status: .healthy, circuit: .closed, failures: 0, due: 31_000),
        Row(
            claim: "a slow probe", events: [(1_000, up), (2_000, .note(.answered(isSlow: true), .probe))],
            status: .degraded, circuit: .closed, failures: 0, due: 32_000),
        Row(
            claim: "a failed attempt", events: [(1_000, .note(refused, .attempt))], status: .unhealthy,
            circuit: .closed, failures: 1, due: 2_000),
        Row(
            claim: "an attempt without its credential",
            events: [(1_000, .note(.failed(Outcome(.unauthenticated, httpStatus: 401)), .attempt))],
            status: .unauthenticated, circuit: .closed, failures: 1, due: 2_000),
        Row(
            claim: "a failed call is looked into at once", events: [(1_000, up), (2_000, call)], status: .healthy,
            circuit: .closed, failures: 1, due: 2_000),
        Row(
            claim: "a failed call and two probes",
            events: [(1_000, up), (2_000, call), (2_000, .begin(true)), (2_001, probe), (3_001, probe)],
            status: .unhealthy, circuit: .closed, failures: 3, due: 7_001),
        Row(
            claim: "an answer after failures", events: [(1_000, up), (2_000, probe), (3_000, .note(answer, .probe))],
            status: .degraded, circuit: .closed, failures: 0, due: 4_000),
        Row(
            claim: "two answers after failures",
            events: [(1_000, up), (2_000, probe), (3_000, .note(answer, .call)), (4_000, .note(answer, .call))],
            status: .healthy, circuit: .closed, failures: 0, due: 34_000),
        Row(
            claim: "the lists read again after failures", events: [(1_000, up), (2_000, probe), (3_000, up)],
            status: .healthy, circuit: .closed, failures: 0, due: 33_000),
        Row(
            claim: "a backend that asks for time gets it",
            events: [
                (1_000, up), (2_000, .note(.failed(Outcome(.unavailable, retryAfter: 20_000)), .call)),
            ], status: .healthy, circuit: .closed, failures: 1, due: 22_000),
        Row(
            claim: "but not for ever",
            events: [(1_000, up), (2_000, .note(.failed(Outcome(.unavailable, retryAfter: .max)), .call))],
            status: .healthy, circuit: .closed, failures: 1, due: 302_000),
        Row(
            claim: "calls that were silent together count once",
            events: [(1_000, up), (40_000, silent(10_000)), (40_000, silent(10_001)), (40_001, silent(9_999))],
            status: .healthy, circuit: .closed, failures: 1, due: 40_000),
        Row(
            claim: "a slow tool of a backend that answers others",
            events: [(1_000, up), (20_000, .note(answer, .call)), (40_000, silent(10_000))], status: .healthy,
            circuit: .closed, failures: 0, due: 50_000),
        Row(
            claim: "doubt is looked into and counts for nothing",
            events: [(1_000, up), (2_000, .note(.doubtful, .call))], status: .healthy, circuit: .closed, failures: 0,
            due: 0),
        Row(
            claim: "five failures", events: [(1_000, up)] + (2...6).map { ($0 * 1_000, call) }, status: .unhealthy,
            circuit: .open(until: 66_000), failures: 5, due: 66_000),
        Row(
            claim: "nothing begins while the circuit is open",
            events: [(1_000, up)] + (2...6).map { ($0 * 1_000, call) } + [(65_999, .begin(false))],
            status: .unhealthy, circuit: .open(until: 66_000), failures: 5, due: 66_000),
        Row(
            claim: "what was sent before says nothing of an open circuit",
            events: [(1_000, up)] + (2...6).map { ($0 * 1_000, call) } + [
                (7_000, .note(answer, .call)), (8_000, call),
            ],
            status: .unhealthy, circuit: .open(until: 66_000), failures: 5, due: 66_000),
        Row(
            claim: "one trial, and no other beside it",
            events: [(1_000, up)] + (2...6).map { ($0 * 1_000, call) } + [
                (66_000, .begin(true)), (66_001, .begin(false)),
            ],
            status: .unhealthy, circuit: .halfOpen, failures: 5, due: nil),
        Row(
            claim: "a trial that fails",
            events: [(1_000, up)] + (2...6).map { ($0 * 1_000, call) } + [(66_000, .begin(true)), (67_000, probe)],
            status: .unhealthy, circuit: .open(until: 127_000), failures: 6, due: 127_000),
        Row(
            claim: "a trial that is answered",
            events: [(1_000, up)] + (2...6).map { ($0 * 1_000, call) }
                + [(66_000, .begin(true)), (67_000, .note(answer, .probe))],
            status: .degraded, circuit: .closed, failures: 0, due: 68_000),
    ]

    @Test("What evidence does to status, circuit and the time of the next probe", arguments: rows)
    func transitions(row: Row) {
        var state = HealthState(Self.settings)
        for (now, event) in row.events {
            switch event {
            case .note(let evidence, let source): state.note(evidence, from: source, now: now)
            case .begin(let may): #expect(state.begin(now: now) == may)
            }
        }
        #expect(state.status == row.status)
        #expect(state.circuit == row.circuit)
        #expect(state.consecutiveFailures == row.failures)
        #expect(state.probeDue == row.due)
    }

    @Test("Without the option nobody probes a backend that is well, and one that is not all the same")
    func irregular() {
        var settings = HealthSettings()
        settings.probesRegularly = false
        var state = HealthState(settings)
        state.note(Self.answer, from: .attempt, now: 1_000)
        #expect(state.probeDue == nil)
        state.note(Self.refused, from: .call, now: 2_000)
        #expect(state.probeDue == 2_000)
    }

    @Test("A call that is refused says which circuit is open, how long, and what failed last")
    func refusal() throws {
        var settings = HealthSettings()
        settings.breaker = HealthSettings.Breaker(failureThreshold: 1, timeout: 5_000)
        var state = HealthState(settings)
        state.note(.failed(Outcome(.timeout)), from: .probe, now: 1_000)
        let refusal = try #require(state.refusal(now: 2_000))
        #expect(refusal.retryAfter == 4_000)
        #expect(refusal.notSent)
        #expect(FailureAnswer.category(refusal) == "circuit_open")
        #expect(refusal.message.contains("timeout"))
    }
}
