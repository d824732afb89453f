import Synchronization

/// The backend sessions that requests without sessions use: one per principal, backend and set of capabilities, which a
/// session has for life; opened when first needed, closed when unused for some time.
///
/// Where a backend's session is shared by all clients, so it is here. One on which the client can be asked serves one call at
/// a time, and there are more of them at need: whom would a question mean otherwise that comes on no call, as all do over
/// pipes, and over HTTP those on the session's own stream (2025-06-18, Transports, listening for messages)? Who only watches
/// a session takes no call's place. Listens of the caller hear of each session before its first use, so that they see what the
/// caller's own calls change, on whichever session.
final class BackendPool: Sendable {
    typealias Use = @Sendable (Result<BackendLease, Outcome>) -> Void

    struct Key: Hashable, Sendable {
        let principal: Principal
        let backend: String
        let interactions: InteractionSet
        /// Tells sessions apart that serve one call at a time.
        var lane = 0
    }

    private struct Waiting {
        let use: Use
        let watches: Bool
    }

    private enum Slot {
        /// With those who wait for it.
        case opening([Waiting])
        case open(BackendSession)
    }

    private struct Entry {
        let backend: Backend
        var slot: Slot
        /// Leases that have not ended.
        var leases = 0
        /// Those of them that are for no call.
        var watches = 0
        var lastUse: UInt64
        /// The lowest log level that was asked for.
        var level: LogLevel?
        /// Open, and shown to listens before its first use.
        var arriving: BackendSession?

        var session: BackendSession? { if case .open(let session) = slot { session } else { nil } }
        /// Whether a further call would not be the only one on a session that is not shared.
        var isBusy: Bool {
            switch slot {
            case .opening(let waiting): waiting.contains { !$0.watches }
            case .open(let session): leases > watches && !session.shared && session.server != nil
            }
        }
        /// Whether closing it would free something and take nothing away from anybody.
        var isSpare: Bool { leases == 0 && session.map { !$0.shared } ?? false }
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var isOver = false
    }

    private let adjustable: Adjustable<StatelessLimits>
    private let clock: GatewayClock
    private let listens: ListenRegistry
    private let state = Mutex(State())

    init(limits: Adjustable<StatelessLimits>, clock: GatewayClock, listens: ListenRegistry) {
        adjustable = limits
        self.clock = clock
        self.listens = listens
    }

    private var limits: StatelessLimits { adjustable.value }

    /// Hands a session to `use`: at once when there is one, else when it is open. The lease has to be ended.
    /// - Parameters:
    ///   - interactions: What the client can be asked.
    ///   - watches: It is for no call, and so beside one.
    func lease(
        _ principal: Principal, _ asked: Backend, _ interactions: InteractionSet = [], watches: Bool = false,
        _ use: @escaping Use
    ) {
        let backend = asked.current
        enum Step { case use(BackendSession), wait, open(spare: Entry?), full, over }
        let first = Key(principal: principal, backend: backend.descriptor.name, interactions: interactions)
        let isExclusive = !interactions.isEmpty && !watches
        let (now, limits) = (clock.now(), limits)
        let (key, step) = state.withLock { state -> (Key, Step) in
            var key = first
            while isExclusive, state.entries[key]?.isBusy == true { key.lane += 1 }
            return (key, step(&state, key))
        }
        func step(_ state: inout State, _ key: Key) -> Step {
            if state.isOver { return .over }
            switch state.entries[key]?.slot {
            case .opening(let waiting):
                state.entries[key]?.slot = .opening(waiting + [Waiting(use: use, watches: watches)])
                return .wait
            case .open(let session) where session.server != nil && backend.owns(session):
                state.entries[key]?.leases += 1
                if watches { state.entries[key]?.watches += 1 }
                return .use(session)
            default: break
            }
            // Also instead of one that was lost, or whose backend has a successor: its leases end without effect.
            state.entries[key] = nil
            var spare: Entry?
            if state.entries.values.count(where: { $0.session?.shared != true }) >= limits.backendSessions {
                let oldest = state.entries.filter { $0.value.isSpare }.min { $0.value.lastUse < $1.value.lastUse }
                guard let oldest else { return .full }
                spare = state.entries.removeValue(forKey: oldest.key)
            }
            let slot = Slot.opening([Waiting(use: use, watches: watches)])
            state.entries[key] = Entry(backend: backend, slot: slot, lastUse: now)
            return .open(spare: spare)
        }
        switch step {
        case .wait: break
        case .use(let session): use(.success(BackendLease(session, key: key, pool: self, watches: watches)))
        case .open(let spare):
            if let spare { release(spare) }
            Task { await self.open(key, backend) }
        case .full:
            let text =
                "the gateway has \(limits.backendSessions) backend sessions in use for stateless requests, its most"
            use(.failure(Outcome(.exhausted, notSent: true, message: text)))
        case .over: use(.failure(Outcome(.unavailable, notSent: true, message: "the gateway ends")))
        }
    }

    private func open(_ key: Key, _ backend: Backend) async {
        let result: Result<BackendSession, Outcome>
        do throws(Outcome) {
            result = .success(
                try await backend.session(for: ClientCapabilities(key.interactions), of: key.principal.identity))
            if case .success(let session) = result {
                state.withLock { $0.entries[key]?.arriving = session }
                let isFirst = key.lane == 0
                await listens.follow(
                    session, of: key.principal, firstFor: isFirst ? key.interactions : nil, clock: clock)
            }
        } catch {
            result = .failure(error)
        }
        let (waiting, isOver) = state.withLock { state in
            guard case .opening(let waiting) = state.entries[key]?.slot else { return ([Waiting](), true) }
            switch result {
            case .success(let session):
                state.entries[key]?.slot = .open(session)
                state.entries[key]?.arriving = nil
                state.entries[key]?.leases = waiting.count
                state.entries[key]?.watches = waiting.count { $0.watches }
            case .failure: state.entries[key] = nil
            }
            return (waiting, false)
        }
        switch result {
        case .success(let session):
            if isOver { release(session, of: backend) }
            for each in waiting {
                each.use(.success(BackendLease(session, key: key, pool: self, watches: each.watches)))
            }
        case .failure where backend.current !== backend:
            // It ended while the session was being opened.
            for each in waiting {
                lease(key.principal, backend, key.interactions, watches: each.watches, each.use)
            }
        case .failure(let outcome): for each in waiting { each.use(.failure(outcome)) }
        }
    }

    func ended(_ key: Key, _ session: BackendSession, watches: Bool) {
        let now = clock.now()
        state.withLock { state in
            guard state.entries[key]?.session === session else { return }
            state.entries[key]?.leases -= 1
            if watches { state.entries[key]?.watches -= 1 }
            state.entries[key]?.lastUse = now
        }
    }

    func want(_ level: LogLevel, _ key: Key, _ session: BackendSession) {
        let isLower = state.withLock { state in
            guard let entry = state.entries[key], entry.session === session else { return false }
            guard entry.level.map({ level < $0 }) ?? true else { return false }
            state.entries[key]?.level = level
            return true
        }
        if isLower { session.wantLogs(at: level) }
    }

    /// Closes what was unused for too long; called now and then.
    func sweep(now: UInt64) {
        let limits = limits
        let unused = state.withLock { state in
            let unused = state.entries.filter { _, entry in
                guard let session = entry.session, entry.leases == 0 else { return false }
                return session.server == nil || now >= entry.lastUse + limits.idleTime
            }
            for key in unused.keys { state.entries[key] = nil }
            return unused.values
        }
        for entry in unused { release(entry) }
    }

    private func release(_ entry: Entry) {
        if let session = entry.session { release(session, of: entry.backend) }
    }

    private func release(_ session: BackendSession, of backend: Backend) {
        if !session.shared { listens.forget(session) }
        backend.release(session)
    }

    /// The sessions with a backend that a caller's requests use, those among them that are about to be.
    func sessions(of principal: Principal, _ backend: String) -> [BackendSession] {
        state.withLock { state in
            state.entries.compactMap { key, entry in
                key.principal == principal && key.backend == backend ? entry.session ?? entry.arriving : nil
            }
        }
    }

    /// Closes everything; who waits is told so.
    func stop() {
        let entries = state.withLock { state in
            state.isOver = true
            defer { state.entries = [:] }
            return state.entries.values
        }
        for entry in entries {
            switch entry.slot {
            case .open(let session): release(session, of: entry.backend)
            case .opening(let waiting):
                for each in waiting {
                    each.use(.failure(Outcome(.unavailable, notSent: true, message: "the gateway ends")))
                }
            }
        }
    }

    /// Sessions that are open or being opened.
    var count: Int { state.withLock { $0.entries.count } }
    /// Leases of open sessions that have not ended.
    var leases: Int { state.withLock { $0.entries.values.reduce(0) { $0 + $1.leases } } }
}
