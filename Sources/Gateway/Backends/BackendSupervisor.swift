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
/// make every client list again.
package final class BackendSupervisor: Sendable {
    private struct Mail {
        var changed: Set<OfferKind> = []
        var lost: Outcome?
        /// The link's number of the session that lists; 0 = none.
        var listing: UInt64 = 0
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
            if isClosed(failure) {
                receiver.closed(backend.descriptor.name, failure)
                pause.reset()
                do { try await backend.clock.sleep(Self.distance) } catch { return }
                continue
            }
            receiver.withdrawn(backend.descriptor.name, failure)
            if failure.status == .invalid { return }
            do { try await backend.clock.sleep(max(pause.next(), failure.retryAfter)) } catch { return }
        }
    }

    /// Whether a failure is but the backend's wish for a credential that callers bring. A credential that could not be
    /// obtained is a fault: then nothing was sent.
    private func isClosed(_ failure: Outcome) -> Bool {
        guard caller == nil, backend.descriptor.listsForCallers, !failure.notSent else { return false }
        return failure.status == .unauthenticated || failure.status == .forbidden
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
        let reader = BackendLister(backend: backend.descriptor.name, session: session) { [caller] in
            CallContext(deadline: clock.now() + timeout * 2, idle: timeout, identity: caller?.number ?? 0)
        }
        var offer = try await reader.offer()
        guard let server = session.server else { throw Self.closedAtOnce }
        receiver.offered(offer, server: server)
        var alarm = alarm(for: offer)
        defer { alarm?.cancel() }
        var lastReading: UInt64 = 0
        for await _ in bell {
            let due = lastReading + Self.quiet
            // A loss waits for nothing.
            if lastReading > 0, clock.now() < due, mail.withLock({ $0.lost == nil }) {
                do { try await clock.sleep(due - clock.now()) } catch { break }
            }
            let news = mail.withLock { mail in
                defer { mail.changed = [] }
                return mail
            }
            if let lost = news.lost { return lost }
            guard !news.changed.isEmpty else { continue }
            lastReading = clock.now()
            let part: BackendOffer
            do throws(Outcome) {
                part = try await reader.offer(news.changed.sorted { $0.rawValue < $1.rawValue })
            } catch {
                return error
            }
            for kind in news.changed { offer.replace(kind, with: part) }
            receiver.offered(offer, server: server)
            alarm?.cancel()
            alarm = self.alarm(for: offer)
        }
        throw Outcome(.cancelled, message: "the gateway ends")
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
