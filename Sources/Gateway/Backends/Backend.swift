import Synchronization

/// One backend of the group: its link and the sessions open on it.
package final class Backend: Sendable {
    private enum Shared {
        case none
        case opening(Task<Result<BackendSession, Outcome>, Never>)
        case open(BackendSession)
    }

    private struct State {
        var link: (any BackendLink)?
        var shared = Shared.none
        var sessions: [UInt64: BackendSession] = [:]
        var descriptor: BackendDescriptor
        var nextNumber: UInt64
        /// What it was found to be; `nil` while that is not known.
        var era: EraProbe.Era?
        /// What has taken its place.
        var successor: Backend?
        /// Gets lines for people while it starts.
        var progress: @Sendable (String) -> Void = { _ in }
    }

    package let identity: GatewayIdentity
    package let clock: GatewayClock
    /// Counts the calls of clients.
    package let load: BackendLoad
    package let health: HealthMonitor
    private let starter: any BackendStarter
    private let events: any BackendSessionEvents
    private let toolHeaders = ToolHeaders()
    private let generation: UInt64
    private let state: Mutex<State>

    /// What the configuration says of it now; the name stays.
    package var descriptor: BackendDescriptor { state.withLock { $0.descriptor } }

    /// - Parameters:
    ///   - generation: Tells its sessions from those of a backend of the same name before or after it.
    ///   - healthChanged: Told of each change of status or circuit; any thread, in no lock.
    package init(
        descriptor: BackendDescriptor, starter: any BackendStarter, identity: GatewayIdentity, clock: GatewayClock,
        load: GatewayLoad = GatewayLoad(), generation: UInt64 = 0, events: any BackendSessionEvents,
        healthChanged: @escaping HealthMonitor.Change = { _, _ in }
    ) {
        self.load = BackendLoad(load)
        health = HealthMonitor(
            descriptor.health, clock: clock, hasCredential: descriptor.authType != "unauthenticated",
            changed: healthChanged)
        self.generation = generation
        state = Mutex(State(descriptor: descriptor, nextNumber: generation << Self.numberBits + 1))
        self.starter = starter
        self.identity = identity
        self.clock = clock
        self.events = events
    }

    /// Bits of a session's number that count the sessions of one generation.
    private static let numberBits: UInt64 = 40

    /// Whether a session is one of its own, and not of a backend that had or has its name.
    func owns(_ session: BackendSession) -> Bool { session.number >> Self.numberBits == generation }

    /// Takes over what holds for each call anew.
    func retune(_ descriptor: BackendDescriptor) {
        state.withLock { $0.descriptor = descriptor }
        health.retune(descriptor.health)
    }

    var starterFingerprint: [UInt8] { starter.fingerprint }

    // MARK: - Succession

    /// Calls go to another backend from now on; those under way end here.
    func give(placeTo successor: Backend) { state.withLock { $0.successor = successor } }

    /// The backend that calls go to: itself, or whoever has taken its place.
    var current: Backend {
        var backend = self
        while let successor = backend.state.withLock({ $0.successor }) { backend = successor }
        return backend
    }

    /// Whether calls of clients are under way, or sessions being opened for them.
    var isInUse: Bool { openSessions.contains { $0.isInUse } }

    /// Whether clients that cannot be asked anything use one session together.
    private func usesShared(interactive: Bool, link: any BackendLink) -> Bool {
        guard link.traits.contains(.shareable) else { return false }
        switch descriptor.isolation {
        case .shared: return true
        case .private: return false
        case .auto: return !interactive
        }
    }

    /// The sessions open now.
    package var openSessions: [BackendSession] { state.withLock { Array($0.sessions.values) } }

    /// Makes the link ready.
    package func start(progress: @escaping @Sendable (String) -> Void) async throws(Outcome) {
        state.withLock { $0.progress = progress }
        let link = try await starter.start(progress: progress)
        state.withLock { $0.link = link }
    }

    /// The session that lists what the backend offers and tells of changes; the shared one where there is one.
    package func serviceSession() async throws(Outcome) -> BackendSession {
        try await sharedSession(try link())
    }

    /// A session that lists what the backend offers to one caller and tells of changes of that. Who opens it releases it.
    func listingSession(of caller: any CallerIdentity) async throws(Outcome) -> BackendSession {
        try await open(try link(), shared: false, isService: true, of: caller).get()
    }

    /// A session for a client: the shared one, or a new one that the caller closes. A backend of 2026-07-28 keeps nothing of
    /// a client, so that one session serves all, unless each is to have its own.
    ///
    /// - Parameters:
    ///   - client: What the client can be asked; declared to the backend exactly so, on a session of its own.
    ///   - caller: On whose behalf a session of its own is opened, used and ended; the shared one is the gateway's.
    func session(
        for client: ClientCapabilities, of caller: (any CallerIdentity)? = nil
    ) async throws(Outcome) -> BackendSession {
        let link = try link()
        if usesShared(interactive: client.isInteractive, link: link) { return try await sharedSession(link) }
        if descriptor.isolation != .private, state.withLock({ $0.era }) != .handshake {
            let service = try await sharedSession(link)
            if service.shared { return service }
        }
        let session = try await open(link, shared: false, for: client, of: caller).get()
        guard session.shared else { return session }
        // It is not what it was any more: one session serves all now, and the one that lists must not go on as before.
        forget(session)
        session.close()
        changedEra(wasModern: false)
        return try await sharedSession(link)
    }

    private func link() throws(Outcome) -> any BackendLink {
        guard let link = state.withLock({ $0.link }) else {
            throw Outcome(.unavailable, notSent: true, message: "is not started")
        }
        return link
    }

    private func sharedSession(_ link: any BackendLink) async throws(Outcome) -> BackendSession {
        let shared = usesShared(interactive: false, link: link)
        enum Step {
            case use(BackendSession)
            case wait(Task<Result<BackendSession, Outcome>, Never>)
        }
        let step = state.withLock { state -> Step in
            switch state.shared {
            case .open(let session) where session.server != nil: return .use(session)
            case .opening(let task): return .wait(task)
            default:
                let task = Task { await self.open(link, shared: shared, isService: true) }
                state.shared = .opening(task)
                return .wait(task)
            }
        }
        let task: Task<Result<BackendSession, Outcome>, Never>
        switch step {
        case .use(let session): return session
        case .wait(let opening): task = opening
        }
        let result = await task.value
        state.withLock { state in
            guard case .opening(let current) = state.shared, current == task else { return }
            if case .success(let session) = result { state.shared = .open(session) } else { state.shared = .none }
        }
        return try result.get()
    }

    private func open(
        _ link: any BackendLink, shared: Bool, isService: Bool = false, for client: ClientCapabilities = .none,
        of caller: (any CallerIdentity)? = nil
    ) async -> Result<BackendSession, Outcome> {
        let (number, era, progress) = state.withLock { state in
            defer { state.nextNumber += 1 }
            return (state.nextNumber, state.era, state.progress)
        }
        let session = BackendSession(
            backend: descriptor.name, number: number, shared: shared, sharesModern: descriptor.isolation != .private,
            isInteractive: client.isInteractive, isService: isService, identity: identity, toolHeaders: toolHeaders,
            limits: descriptor.limits, caller: caller, link: link, clock: clock, health: health,
            events: SessionEvents(backend: self, events: events))
        state.withLock { $0.sessions[number] = session }
        let began = clock.now()
        do throws(Outcome) {
            let found = try await session.open(
                capabilities: client.json, known: era,
                context: CallContext(deadline: clock.now() + openLimit(link), identity: caller?.number ?? 0),
                progress: { if isService, caller == nil { progress($0) } })
            state.withLock { $0.era = found }
            return .success(session)
        } catch {
            // A server that ends when it is asked may take the handshake; one that ends all the same is asked anew.
            let suspected: EraProbe.Era? = session.state.withLock { $0.endedByDiscovery } ? .handshake : nil
            if error.sessionLost { state.withLock { $0.era = suspected } }
            forget(session)
            // That of the session which lists is the supervisor's to judge.
            if !isService { health.ended(error, from: .call, began: began) }
            return .failure(error)
        }
    }

    /// Milliseconds for a whole handshake. What the gateway runs itself may have to be started first, or even fetched.
    private func openLimit(_ link: any BackendLink) -> UInt64 {
        max(descriptor.timeout, link.traits.contains(.remote) ? 5_000 : 30_000) * 2
    }

    /// Closes a session that was opened for one client.
    package func release(_ session: BackendSession) {
        guard !session.shared else { return }
        forget(session)
        session.close()
    }

    /// What was remembered of the backend's era does not hold any more. The session that lists, if it is of the former era,
    /// ends and is opened anew; those of clients find out themselves.
    fileprivate func changedEra(wasModern: Bool, but session: BackendSession? = nil) {
        let former = state.withLock { state -> BackendSession? in
            state.era = nil
            guard case .open(let shared) = state.shared, shared !== session, shared.server?.isModern == wasModern else {
                return nil
            }
            state.shared = .none
            return shared
        }
        former?.lost(Outcome(.protocolError, sessionLost: true, message: "speaks another revision of the protocol now"))
    }

    /// - Parameter isLeaving: It is looked after until its last request is over.
    fileprivate func forget(_ session: BackendSession, isLeaving: Bool = false) {
        state.withLock { state in
            if !isLeaving { state.sessions[session.number] = nil }
            if case .open(let shared) = state.shared, shared === session { state.shared = .none }
        }
    }

    /// Why a call fails before it is sent; `nil` when it may be.
    /// - Parameter headers: Those of its client that are handed on.
    func refusal(of headers: [Header]) -> Outcome? {
        if let refusal = health.refusal() { return refusal }
        guard let both = headers.first(where: { descriptor.staticHeaders.contains($0.name) }) else { return nil }
        let text = "header \"\(both.name)\" is both passed through and set by headerForward; remove one of them"
        return Outcome(.invalid, notSent: true, message: text)
    }

    /// Whether calls of clients are under way.
    var isBusy: Bool { openSessions.contains { $0.state.withLock { $0.pending.hasCalls } } }

    /// Whether the plugin can tell how it is, without a request to the server.
    var checksItself: Bool { state.withLock { $0.link?.checks == true } }

    /// Asks the plugin how it is.
    func check(_ context: CallContext) async -> Outcome {
        guard let link = state.withLock({ $0.link }) else { return Outcome(.cancelled) }
        return await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
            _ = link.check(context: context, observer: CompletionObserver { continuation.resume(returning: $0) })
        }
    }

    /// Ends overdue requests of every session.
    /// - Parameter isAsking: Whether a session waits for an answer of a client.
    func sweep(now: UInt64, isAsking: (BackendSession) -> Bool) {
        for session in openSessions { session.sweep(now: now, isAsking: isAsking(session)) }
    }

    /// Ends everything: sessions first, then the plugin instance.
    package func stop() async {
        let sessions = state.withLock { state in
            defer { (state.sessions, state.shared, state.link) = ([:], .none, nil) }
            return Array(state.sessions.values)
        }
        for session in sessions { session.close() }
        await starter.stop()
    }
}

/// Forgets a lost session before anybody else hears of it.
private final class SessionEvents: BackendSessionEvents {
    private weak let backend: Backend?
    private let events: any BackendSessionEvents
    init(backend: Backend, events: any BackendSessionEvents) {
        self.backend = backend
        self.events = events
    }
    func notified(_ notification: JSONRPCMessage, by session: BackendSession) {
        events.notified(notification, by: session)
    }
    func lost(_ session: BackendSession, _ outcome: Outcome) {
        backend?.forget(session, isLeaving: session.isLeaving)
        events.lost(session, outcome)
    }
    func left(_ session: BackendSession) { backend?.forget(session) }
    func changedEra(_ session: BackendSession) {
        backend?.changedEra(wasModern: session.isModern, but: session)
    }
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { events.asked(request, by: session) }
    func reopened(_ session: BackendSession) { events.reopened(session) }
}
