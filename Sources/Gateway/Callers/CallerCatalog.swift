import Synchronization

/// What one caller sees: a keeper of catalogues as the one for everybody, fed with the lists that backends give this caller
/// where they depend on who asks, and with everybody's where they do not.
final class CallerCatalog: Sendable {
    private struct State {
        var lastUse: UInt64
        var tasks: [Task<Void, Never>] = []
    }

    let principal: Principal
    let keeper: CatalogKeeper
    private let identity: CurrentIdentity
    private let supervisors: [BackendSupervisor]
    private let state: Mutex<State>

    /// - Parameter backends: Those whose lists depend on the caller.
    init(_ principal: Principal, keeper: CatalogKeeper, backends: [Backend], now: UInt64) {
        self.principal = principal
        self.keeper = keeper
        let identity = CurrentIdentity(principal.identity)
        self.identity = identity
        let receiver = CallerOffers(keeper: keeper)
        supervisors = backends.map { BackendSupervisor(backend: $0, receiver: receiver, caller: identity) }
        state = Mutex(State(lastUse: now))
    }

    /// Asks the backends; returns at once. ``CatalogKeeper/settled()`` returns when they have answered.
    func start() {
        keeper.start()
        let tasks = supervisors.map { supervisor in Task { await supervisor.run() } }
        state.withLock { $0.tasks = tasks }
    }

    /// A request of the caller came, perhaps with a newer token.
    func touch(by principal: Principal, now: UInt64) {
        identity.set(principal.identity)
        state.withLock { $0.lastUse = now }
    }

    var lastUse: UInt64 { state.withLock { $0.lastUse } }

    /// A session tells of changed lists.
    func refresh(_ backend: String, _ kinds: Set<OfferKind>) {
        for supervisor in supervisors where supervisor.backend.descriptor.name == backend { supervisor.refresh(kinds) }
    }

    /// The supervisor whose session that lists this is.
    func supervisor(of session: BackendSession) -> BackendSupervisor? {
        supervisors.first { $0.backend.descriptor.name == session.backend && $0.lists(by: session) }
    }

    /// Nobody reads lists for the caller any more, and the sessions for it are closed.
    func end() {
        let tasks = state.withLock { state in
            defer { state.tasks = [] }
            return state.tasks
        }
        for task in tasks { task.cancel() }
        keeper.stop()
    }
}

/// Takes what backends list for one caller into the caller's catalogue.
private final class CallerOffers: OfferReceiver {
    private let keeper: CatalogKeeper

    init(keeper: CatalogKeeper) { self.keeper = keeper }

    func offered(_ offer: BackendOffer, server: BackendServer) {
        var offer = offer
        // Whatever the backend says of it, it was read with one caller's credential and is for that caller.
        for kind in offer.hints.keys { offer.hints[kind]?.isPublic = false }
        keeper.offered(offer, server: server)
    }

    func withdrawn(_ backend: String, _ outcome: Outcome) { keeper.withdrawn(backend, outcome) }
    func closed(_ backend: String, _ outcome: Outcome) { keeper.withdrawn(backend, outcome) }
    func progressed(_ backend: String, _ text: String) {}
}
