import Synchronization

/// How many catalogues of callers are kept, and for how long.
package struct CallerLimits: Sendable {
    /// Most callers with a catalogue; one more takes the place of the one unused for longest. Default 1,000.
    package var callers = 1_000
    /// Milliseconds after which an unused one is forgotten. Default 10 minutes.
    package var idleTime: UInt64 = 600_000
    /// Longest time that a caller's first request waits for the lists, in milliseconds. Default 5,000.
    package var patience: UInt64 = 5_000

    package init() {}
}

/// The catalogues of callers, where what backends offer depends on who asks: one each, made when the caller comes, and
/// shared by those who are offered the same.
///
/// Stands between the supervisors and the catalogue for everybody: what does not depend on the caller goes to all.
final class CallerCatalogs: OfferReceiver {
    private struct State {
        var callers: [Principal: CallerCatalog] = [:]
        var news: [String: OfferNews]
        var isOver = false
        /// Whether the optimizer is to be told, or is being told.
        var isStale = false
        var isBuilding = false
    }

    typealias Changed = @Sendable (Principal, Set<OfferKind>) -> Void

    private let limits: CallerLimits
    private let pipeline: Pipeline
    private let clock: GatewayClock
    private let backends: [BackendDescriptor]
    private let everybody: CatalogKeeper
    /// The backends whose lists depend on the caller.
    private let own: [Backend]
    private let shared = SharedCatalogs()
    /// Told which lists changed for a caller.
    private let changed: Changed
    /// Told of all tools that any caller sees, when they change.
    private let optimizer: Optimizer?
    private let state: Mutex<State>

    /// - Parameter news: What backends have said before.
    init(
        limits: CallerLimits, pipeline: Pipeline, clock: GatewayClock, backends: [Backend], everybody: CatalogKeeper,
        optimizer: Optimizer?, news: [String: OfferNews] = [:], changed: @escaping Changed
    ) {
        state = Mutex(State(news: news))
        self.limits = limits
        self.pipeline = pipeline
        self.clock = clock
        self.backends = backends.map(\.descriptor)
        own = backends.filter(\.descriptor.listsForCallers)
        self.everybody = everybody
        self.optimizer = optimizer
        self.changed = changed
    }

    /// How many callers have a catalogue.
    var count: Int { state.withLock { $0.callers.count } }

    // MARK: - Use

    /// The caller's keeper; `nil` before ``prepare(_:)``.
    func keeper(for principal: Principal) -> CatalogKeeper? {
        guard let caller = state.withLock({ $0.callers[principal] }), caller.keeper.isSettled else { return nil }
        caller.touch(by: principal, now: clock.now())
        return caller.keeper
    }

    /// Returns when the caller's lists are there, or have taken too long.
    func prepare(_ principal: Principal) async { await caller(principal)?.keeper.settled() }

    private func caller(_ principal: Principal) -> CallerCatalog? {
        let now = clock.now()
        let (caller, isNew, former) = state.withLock { state -> (CallerCatalog?, Bool, CallerCatalog?) in
            if state.isOver { return (nil, false, nil) }
            if let known = state.callers[principal] { return (known, false, nil) }
            var former: CallerCatalog?
            if state.callers.count >= limits.callers {
                former = state.callers.values.min { $0.lastUse < $1.lastUse }
                if let former { state.callers[former.principal] = nil }
            }
            let caller = CallerCatalog(principal, keeper: keeper(of: principal), backends: own, now: now)
            state.callers[principal] = caller
            // Under the lock, so that what comes meanwhile comes after it. Keepers do not call back.
            for (backend, news) in state.news { tell(caller, backend, news) }
            return (caller, true, former)
        }
        former?.end()
        if isNew { caller?.start() } else { caller?.touch(by: principal, now: now) }
        return caller
    }

    private func keeper(of principal: Principal) -> CatalogKeeper {
        CatalogKeeper(
            pipeline: pipeline, clock: clock, backends: backends,
            grace: StartGrace(clock: clock, limit: limits.patience, waitsForAll: true), shared: shared
        ) { [weak self] kinds, _ in
            self?.callerChanged(principal, kinds)
        }
    }

    // MARK: - What backends tell

    // Callers first: one who comes when everybody's catalogue has settled must find the news that it settled with.

    func offered(_ offer: BackendOffer, server: BackendServer) {
        note(offer.backend, .offered(offer, server))
        everybody.offered(offer, server: server)
        unionChanged()
    }

    func withdrawn(_ backend: String, _ outcome: Outcome) {
        note(backend, .withdrawn(outcome))
        everybody.withdrawn(backend, outcome)
        unionChanged()
    }

    func closed(_ backend: String, _ outcome: Outcome) {
        note(backend, .closed(outcome))
        everybody.closed(backend, outcome)
        unionChanged()
    }

    func progressed(_ backend: String, _ text: String) { everybody.progressed(backend, text) }

    private func note(_ backend: String, _ news: OfferNews) {
        state.withLock { state in
            state.news[backend] = news
            // Callers find out themselves how the backends are that list for them.
            if own.contains(where: { $0.descriptor.name == backend }) { return }
            for caller in state.callers.values { tell(caller, backend, news) }
        }
    }

    private func tell(_ caller: CallerCatalog, _ backend: String, _ news: OfferNews) {
        let isOwn = own.contains { $0.descriptor.name == backend }
        switch news {
        case .offered(let offer, let server): if !isOwn { caller.keeper.offered(offer, server: server) }
        case .withdrawn(let outcome):
            // That one is away spares a new caller the wait; what the gateway may not do itself says nothing of callers.
            let isRefused = outcome.status == .unauthenticated || outcome.status == .forbidden
            if !isOwn || !isRefused { caller.keeper.withdrawn(backend, outcome) }
        case .closed: break
        }
    }

    /// The supervisor whose session that lists this is; `nil` for those of the gateway's own.
    func supervisor(of session: BackendSession) -> BackendSupervisor? {
        guard session.caller != nil else { return nil }
        for caller in state.withLock({ Array($0.callers.values) }) {
            if let supervisor = caller.supervisor(of: session) { return supervisor }
        }
        return nil
    }

    /// A session of a caller's own tells of changed lists.
    func refresh(_ principal: Principal, _ backend: String, _ kinds: Set<OfferKind>) {
        state.withLock { $0.callers[principal] }?.refresh(backend, kinds)
    }

    // MARK: - Changes

    private func callerChanged(_ principal: Principal, _ kinds: Set<OfferKind>) {
        unionChanged()
        changed(principal, kinds)
    }

    /// Has the optimizer told of all tools that there are.
    func unionChanged() {
        guard optimizer != nil else { return }
        let builds = state.withLock { state in
            state.isStale = true
            defer { state.isBuilding = true }
            return !state.isBuilding
        }
        if builds { Task { self.buildUnion() } }
    }

    private func buildUnion() {
        while true {
            let callers = state.withLock { state -> [CallerCatalog]? in
                guard state.isStale, !state.isOver else {
                    state.isBuilding = false
                    return nil
                }
                state.isStale = false
                return Array(state.callers.values)
            }
            guard let callers else { return }
            var offers = everybody.offers
            for caller in callers.sorted(by: {
                ($0.principal.issuer, $0.principal.subject) < ($1.principal.issuer, $1.principal.subject)
            }) {
                let theirs = caller.keeper.offers
                for backend in own.map(\.descriptor.name) { offers[backend]?.join(theirs[backend]) }
            }
            optimizer?.update(pipeline.catalog(from: Array(offers.values)).0)
        }
    }

    // MARK: - The end

    /// Forgets callers that were away for long.
    /// - Parameter isThere: Whether a caller has something open.
    func sweep(now: UInt64, isThere: (Principal) -> Bool) {
        let overdue = state.withLock { state in
            state.callers.values.filter { now >= $0.lastUse + limits.idleTime }
        }
        for caller in overdue where !isThere(caller.principal) {
            state.withLock { state in
                if state.callers[caller.principal] === caller { state.callers[caller.principal] = nil }
            }
            caller.end()
        }
    }

    func stop() {
        let callers = state.withLock { state in
            state.isOver = true
            defer { state.callers = [:] }
            return state.callers.values
        }
        for caller in callers { caller.end() }
    }
}

extension BackendOffer {
    /// Adds the tools that another caller is offered, by name.
    fileprivate mutating func join(_ other: BackendOffer?) {
        guard let others = other?.items[.tools] else { return }
        var names = Set((items[.tools] ?? []).compactMap { $0["name"]?.string })
        let more = others.filter { item in item["name"]?.string.map { names.insert($0).inserted } ?? false }
        items[.tools, default: []] += more
        failures[.tools] = nil
        isModern = isModern || other?.isModern == true
        servesTasks = servesTasks || other?.servesTasks == true
    }
}
