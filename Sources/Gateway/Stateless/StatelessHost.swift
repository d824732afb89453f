/// What requests without sessions need of the gateway.
protocol StatelessHost: AnyObject, Sendable {
    /// What a caller sees; `nil` before ``ready(for:)``.
    func catalog(for principal: Principal) -> Catalog?
    var clock: GatewayClock { get }
    var audience: Audience { get }
    /// What backends offer a caller together.
    func offering(for principal: Principal) -> Offering
    var stateless: StatelessState { get }
    var workflows: WorkflowEngine { get }
    func backend(named name: String) -> Backend?
    func retry(_ request: JSONRPCMessage, _ principal: Principal) throws(RequestFault) -> Retry?
    func resume(_ request: StatelessRequest, _ retry: Retry?) throws(RequestFault) -> (any StatelessExchange)?
    func forward(
        _ request: StatelessRequest, to name: String, _ splice: JSONSplice, uris: BackendURIs?, retry: Retry?
    ) throws(RequestFault) -> StatelessRound
}

/// What the gateway keeps between requests without sessions.
final class StatelessState: Sendable {
    private let adjustableLimits: Adjustable<StatelessLimits>
    private let adjustableInteractions: Adjustable<InteractionLimits>
    let stamp: ResultStamp
    let pool: BackendPool
    let listens: ListenRegistry
    let headerParameters = HeaderParameterIndex()
    let parked: ParkedCalls
    let seal: StateSeal
    /// Of the ids of tasks, in both their forms.
    let tasks: TaskSeal
    let clock: GatewayClock

    init(
        limits: StatelessLimits, interactions: InteractionLimits, stateKey: StateKey, identity: GatewayIdentity,
        clock: GatewayClock
    ) {
        adjustableLimits = Adjustable(limits)
        adjustableInteractions = Adjustable(interactions)
        self.clock = clock
        parked = ParkedCalls(limits: adjustableInteractions)
        seal = StateSeal(stateKey, time: clock.wall)
        tasks = TaskSeal(stateKey)
        stamp = ResultStamp(identity)
        listens = ListenRegistry(limit: limits.listens)
        pool = BackendPool(limits: adjustableLimits, clock: clock, listens: listens)
    }

    var limits: StatelessLimits { adjustableLimits.value }
    var interactions: InteractionLimits { adjustableInteractions.value }

    /// Takes over other limits, for what comes from now on.
    func adjust(_ limits: StatelessLimits, _ interactions: InteractionLimits) {
        adjustableLimits.set(limits)
        adjustableInteractions.set(interactions)
        listens.limit = limits.listens
    }

    /// Ends the listens and what is parked, then the backend sessions.
    func stop() {
        for listen in listens.all { listen.drain() }
        parked.stop()
        pool.stop()
    }
}
