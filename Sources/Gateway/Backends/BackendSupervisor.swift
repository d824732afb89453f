import Synchronization

/// Gets what a supervisor finds out about its backend.
package protocol OfferReceiver: AnyObject, Sendable {
    /// What it offers now; replaces what it offered before.
    func offered(_ offer: BackendOffer, server: BackendServer)
    /// It offers nothing; why.
    func withdrawn(_ backend: String, _ outcome: Outcome)
    /// It is there, and tells nobody but callers what it offers; how it said so.
    func closed(_ backend: String, _ outcome: Outcome)
    /// A line for people about what it is doing.
    func progressed(_ backend: String, _ text: String)
}

/// Keeps one backend in the catalogue: starts it, reads its lists, reads them again when they change, and starts it
/// again when it is lost.
///
/// A lost backend keeps its place while the first attempt to get it back is under way, so that a quick restart does not
/// make every client list again. One whose session lives leaves the catalogue when its health says so (``HealthState``),
/// and comes back with lists that are read anew.
package final class BackendSupervisor: Sendable {
    private struct Mail {
        var changed: Set<OfferKind> = []
        var lost: Outcome?
        /// The link's number of the session that lists; 0 = none.
        var listing: UInt64 = 0
        var probe: HealthProbe?
    }

    /// Milliseconds between two losses that make the second one no sign of a fault.
    private static let steady: UInt64 = 60_000
    /// Fewest milliseconds between two readings: a server that tells of a change whenever it is asked for its lists must not
    /// keep both sides busy.
    private static let quiet: UInt64 = 200
    /// Milliseconds between two looks at a backend that lists for callers alone.
    private static let distance: UInt64 = 60_000

    package let backend: Backend
    private let receiver: any OfferReceiver
    /// On whose behalf lists are read; `nil` = the gateway's own.
    private let caller: CurrentIdentity?
    private let mail = Mutex(Mail())
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    package convenience init(backend: Backend, receiver: any OfferReceiver) {
        self.init(backend: backend, receiver: receiver, caller: nil)
    }

    init(backend: Backend, receiver: any OfferReceiver, caller: CurrentIdentity?) {
        self.backend = backend
        self.receiver = receiver
        self.caller = caller
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        judge { health in
            health.watch { [weak self] in
                self?.mail.withLock { $0.probe }?.wake()
                self?.ring.yield()
            }
        }
    }

    /// Lists of these kinds are to be read again.
    package func refresh(_ kinds: Set<OfferKind>) {
        mail.withLock { $0.changed.formUnion(kinds) }
        ring.yield()
    }

    /// A session is gone. Only the one that lists matters here; clients open theirs again when they call.
    package func lost(_ session: BackendSession, _ outcome: Outcome) {
        let matters = mail.withLock { mail in
            guard mail.listing == session.number else { return false }
            mail.lost = outcome
            return true
        }
        if matters { ring.yield() }
    }

    /// Whether it is the session that lists.
    func lists(by session: BackendSession) -> Bool { mail.withLock { $0.listing == session.number } }

    /// The stream of a session was interrupted: what it may have missed is read, once and not per client.
    package func reopened(_ session: BackendSession) {
        if mail.withLock({ $0.listing == session.number }) { refresh(Set(OfferKind.allCases)) }
    }

    /// Works until the task is cancelled, or until the backend refuses what the configuration says of it.
    package func run() async {
        var pause = BackoffDelay(first: 1_000, ceiling: 60_000)
        var lastLoss: UInt64?
        while !Task.isCancelled {
            do { try await mayAttempt() } catch { return }
            mail.withLock { $0 = Mail() }
            let failure: Outcome
            do throws(Outcome) {
                try await start()
                failure = try await serve()
                let now = backend.clock.now()
                defer { lastLoss = now }
                // Lost after some time: got back at once. Lost again and again: like one that cannot start.
                if lastLoss.map({ now >= $0 + Self.steady }) ?? true {
                    pause.reset()
                    continue
                }
            } catch {
                failure = error
            }
            guard !Task.isCancelled else { return }
            let name = backend.descriptor.name
            if isClosed(failure) {
                judge { $0.note(.answered(isSlow: false), from: .attempt) }
                receiver.closed(name, failure)
                pause.reset()
                do { try await backend.clock.sleep(Self.distance) } catch { return }
                continue
            }
            let rest = max(pause.next(), failure.retryAfter)
            judge { health in
                health.attempts(at: failure.status == .invalid ? 0 : backend.clock.now() + rest)
                // That the gateway itself has no credential takes nothing from callers who have their own.
                if backend.descriptor.listsForCallers, Self.isRefused(failure) {
                    health.note(.none, from: .attempt)
                } else {
                    health.ended(failure, from: .attempt)
                }
            }
            receiver.withdrawn(name, failure)
            if failure.status == .invalid { return }
            do { try await backend.clock.sleep(rest) } catch { return }
        }
    }

    /// Does something to the backend's health; that a caller cannot list says nothing of it.
    private func judge(_ change: (HealthMonitor) -> Void) { if caller == nil { change(backend.health) } }

    /// Waits while the circuit is open. With one whose time is over, the attempt is the trial.
    private func mayAttempt() async throws {
        while true {
            judge { $0.attempts(at: 0) }
            let now = backend.clock.now()
            guard case .open(let until) = backend.health.state.circuit, until > now else { break }
            judge { $0.attempts(at: until) }
            try await backend.clock.sleep(until - now)
        }
        // A trial that ended the session goes on with this attempt.
        judge { _ = $0.begin() }
    }

    /// Whether a failure is but the backend's wish for a credential that callers bring. A credential that could not be
    /// obtained is a fault: then nothing was sent.
    private func isClosed(_ failure: Outcome) -> Bool {
        caller == nil && backend.descriptor.listsForCallers && !failure.notSent && Self.isRefused(failure)
    }

    private static func isRefused(_ failure: Outcome) -> Bool {
        failure.status == .unauthenticated || failure.status == .forbidden
    }

    private func start() async throws(Outcome) {
        let name = backend.descriptor.name
        try await backend.start { [receiver] in receiver.progressed(name, $0) }
    }

    /// Reads the lists, and reads them again when they change.
    /// - Returns: How the session was lost, after it had listed once.
    private func serve() async throws(Outcome) -> Outcome {
        let session = try await openSession()
        // A caller's own is nobody else's.
        defer { if caller != nil { backend.release(session) } }
        let (clock, timeout) = (backend.clock, backend.descriptor.timeout)
        let reader = BackendLister(
            backend: backend.descriptor.name, session: session, limits: { [backend] in backend.descriptor.limits }
        ) { [caller] in
            CallContext(deadline: clock.now() + timeout * 2, idle: timeout, identity: caller?.number ?? 0)
        }
        var offer = try await reader.offer()
        guard let server = session.server else { throw Self.closedAtOnce }
        judge { $0.note(.answered(isSlow: false), from: .attempt) }
        receiver.offered(offer, server: server)
        let probing = caller == nil ? startProbe(session) : nil
        defer { probing?.cancel() }
        var isOffered = true
        var alarm = alarm(for: offer)
        defer { alarm?.cancel() }
        var lastReading: UInt64 = 0
        for await _ in bell {
            let due = lastReading + Self.quiet
            // A loss waits for nothing, and neither does bad news.
            if lastReading > 0, clock.now() < due, mail.withLock({ $0.lost == nil }), backend.health.state.isListed {
                do { try await clock.sleep(due - clock.now()) } catch { break }
            }
            let news = mail.withLock { mail in
                defer { mail.changed = [] }
                return mail
            }
            if let lost = news.lost { return lost }
            let health = backend.health.state
            guard health.isListed || caller != nil else {
                if isOffered { receiver.withdrawn(backend.descriptor.name, health.lastFailure ?? Self.closedAtOnce) }
                isOffered = false
                continue
            }
            // After an absence everything may be different.
            let changed = isOffered ? news.changed : Set(OfferKind.allCases)
            guard !changed.isEmpty else { continue }
            lastReading = clock.now()
            let part: BackendOffer
            do throws(Outcome) {
                part = try await reader.offer(changed.sorted { $0.rawValue < $1.rawValue })
            } catch {
                return error
            }
            for kind in changed { offer.replace(kind, with: part) }
            isOffered = true
            receiver.offered(offer, server: server)
            alarm?.cancel()
            alarm = self.alarm(for: offer)
        }
        throw Outcome(.cancelled, message: "the gateway ends")
    }

    private func startProbe(_ session: BackendSession) -> Task<Void, Never> {
        let probe = HealthProbe(backend, session)
        mail.withLock { $0.probe = probe }
        return Task { await probe.run() }
    }

    /// Fewest milliseconds between two readings of lists whose changes nobody tells of.
    private static let shortestHold: UInt64 = 30_000

    /// Reads lists again when they do not hold any more, as far as their backend says how long they hold and does not tell
    /// of changes. A little later each time by chance, so that many gateways do not ask at once.
    private func alarm(for offer: BackendOffer) -> Task<Void, Never>? {
        let kinds = offer.hints.filter { $0.value.end != nil && $0.value.timeToLive > 0 }
        guard let soonest = kinds.values.map(\.timeToLive).min() else { return nil }
        let hold = max(soonest, Self.shortestHold)
        let pause = hold + UInt64.random(in: 0...hold / 10)
        let due = Set(kinds.filter { $0.value.timeToLive <= hold }.keys)
        return Task { [weak self, clock = backend.clock] in
            do { try await clock.sleep(pause) } catch { return }
            self?.refresh(due)
        }
    }

    private func openSession() async throws(Outcome) -> BackendSession {
        do throws(Outcome) {
            let session =
                if let identity = caller?.value {
                    try await backend.listingSession(of: identity)
                } else {
                    try await backend.serviceSession()
                }
            mail.withLock { $0.listing = session.number }
            // Lost before its number was noted: nobody would ring.
            guard session.server != nil else { throw Self.closedAtOnce }
            return session
        } catch {
            // What a server refuses today it may take tomorrow; only the configuration is beyond waiting.
            var passing = error
            if passing.status == .invalid { passing.status = .protocolError }
            throw passing
        }
    }

    private static let closedAtOnce = Outcome(
        .unavailable, sessionLost: true, message: "closed the session right after the handshake")
}
