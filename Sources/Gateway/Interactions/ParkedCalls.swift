import Synchronization

/// The calls whose backend asked something: found again by the retries of their clients, by the backend sessions that ask,
/// and by the clock.
final class ParkedCalls: Sendable {
    private struct Place {
        let call: any ParkedCall
        let principal: Principal
        /// `nil` for a call that no single backend session serves.
        let session: ObjectIdentifier?
    }

    private struct State {
        var places: [UInt64: Place] = [:]
        var counts: [Principal: Int] = [:]
        /// The calls of each backend session.
        var sessions: [ObjectIdentifier: Set<UInt64>] = [:]
        var next: UInt64 = 1
    }

    /// Tells this process from every other one: calls are parked where they run.
    let instance: [UInt8]
    private let limits: Adjustable<InteractionLimits>
    private let state = Mutex(State())

    init(limits: Adjustable<InteractionLimits>) {
        var generator = SystemRandomNumberGenerator()
        instance = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        self.limits = limits
    }

    /// Calls that wait or may wait for a retry.
    var count: Int { state.withLock { $0.places.count } }

    /// Enters a call.
    /// - Returns: Its number.
    /// - Throws: ``Outcome`` when there are too many.
    func enter(
        _ call: any ParkedCall, of principal: Principal, over session: BackendSession? = nil
    ) throws(Outcome) -> UInt64 {
        let limits = limits.value
        return try state.withLock { state throws(Outcome) in
            guard state.places.count < limits.parkedCalls else {
                throw Outcome(
                    .exhausted,
                    message: "the gateway has \(limits.parkedCalls) calls that wait for answers, its most "
                        + "(operational.limits.parkedCalls)")
            }
            guard state.counts[principal, default: 0] < limits.parkedCallsPerPrincipal else {
                let most = limits.parkedCallsPerPrincipal
                throw Outcome(
                    .exhausted,
                    message: "the caller has \(most) calls that wait for answers, the most it may "
                        + "(operational.limits.parkedCallsPerPrincipal)")
            }
            let number = state.next
            state.next += 1
            let place = Place(call: call, principal: principal, session: session.map(ObjectIdentifier.init))
            state.places[number] = place
            state.counts[principal, default: 0] += 1
            if let session = place.session { state.sessions[session, default: []].insert(number) }
            return number
        }
    }

    /// A call is over.
    func leave(_ number: UInt64) {
        state.withLock { state in
            guard let place = state.places.removeValue(forKey: number) else { return }
            state.counts[place.principal, default: 0] -= 1
            if state.counts[place.principal] == 0 { state.counts[place.principal] = nil }
            guard let session = place.session else { return }
            state.sessions[session]?.remove(number)
            if state.sessions[session]?.isEmpty == true { state.sessions[session] = nil }
        }
    }

    /// The call that a retry is for.
    func call(_ number: UInt64) -> (any ParkedCall)? { state.withLock { $0.places[number]?.call } }

    /// Whether a backend session waits for an answer.
    func isAsking(_ session: BackendSession) -> Bool {
        calls(of: session).contains { $0.isAsking }
    }

    /// A backend takes back what it asked.
    func withdraw(_ id: [UInt8], of session: BackendSession) {
        for call in calls(of: session) { call.withdraw(id) }
    }

    private func calls(of session: BackendSession) -> [any ParkedCall] {
        state.withLock { state in
            (state.sessions[ObjectIdentifier(session)] ?? []).compactMap { state.places[$0]?.call }
        }
    }

    /// Ends what was parked for too long; called now and then.
    func sweep(now: UInt64) {
        for place in state.withLock({ Array($0.places.values) }) { place.call.expire(now: now) }
    }

    /// Ends all of them: the gateway is about to stop.
    func stop() {
        for place in state.withLock({ Array($0.places.values) }) { place.call.abandon("the gateway ends") }
    }
}
