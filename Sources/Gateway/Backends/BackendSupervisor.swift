import Synchronization

/// Gets what a supervisor finds out about its backend.
package protocol OfferReceiver: AnyObject, Sendable {
    /// What it offers now; replaces what it offered before.
    func offered(_ offer: BackendOffer, server: BackendServer)
    /// It offers nothing; why.
    func withdrawn(_ backend: String, _ outcome: Outcome)
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

    package let backend: Backend
    private let receiver: any OfferReceiver
    private let mail = Mutex(Mail())
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    package init(backend: Backend, receiver: any OfferReceiver) {
        self.backend = backend
        self.receiver = receiver
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

    /// Works until the task is cancelled.
    package func run() async {
        var pause = BackoffDelay(first: 1_000, ceiling: 60_000)
        let name = backend.descriptor.name
        while !Task.isCancelled {
            do throws(Outcome) {
                mail.withLock { $0 = Mail() }
                try await backend.start { [receiver] in receiver.progressed(name, $0) }
                try await serve { pause.reset() }
            } catch {
                receiver.withdrawn(name, error)
                // What the configuration says will not change by waiting.
                if error.status == .invalid || error.status == .unsupported { return }
                do { try await backend.clock.sleep(max(pause.next(), error.retryAfter)) } catch { return }
            }
        }
    }

    /// Returns when the session is lost; then one attempt to get it back follows at once.
    private func serve(_ opened: () -> Void) async throws(Outcome) {
        let session = try await backend.serviceSession()
        guard let server = session.server else {
            throw Outcome(.unavailable, sessionLost: true, message: "closed the session right after the handshake")
        }
        mail.withLock { $0.listing = session.number }
        let (clock, timeout) = (backend.clock, backend.descriptor.timeout)
        let reader = BackendLister(backend: backend.descriptor.name, session: session) {
            CallContext(deadline: clock.now() + timeout * 2, idle: timeout)
        }
        var offer = try await reader.offer()
        receiver.offered(offer, server: server)
        opened()
        for await _ in bell {
            let news = mail.withLock { mail in
                defer { mail.changed = [] }
                return mail
            }
            if news.lost != nil || session.server == nil { return }
            guard !news.changed.isEmpty else { continue }
            let part = try await reader.offer(news.changed.sorted { $0.rawValue < $1.rawValue })
            for kind in news.changed { offer.replace(kind, with: part) }
            receiver.offered(offer, server: server)
        }
        throw Outcome(.cancelled, message: "the gateway ends")
    }
}
