import Synchronization

/// The gateway: backends behind, client sessions in front, one catalogue between them.
///
/// Composed in the host's assembly; knows no HTTP server, no C and no files. A request passes: the endpoint (HTTP) →
/// ``GatewaySession`` → ``RequestRouter`` over the ``Catalog`` → ``BackendSession`` → ``BackendLink``.
package final class VirtualServer: ClientSessions, SessionHost {
    /// What another configuration may change.
    struct Live {
        var settings: Settings
        var optimizer: Optimizer?
        /// The catalogues of callers; `nil` when nothing depends on who asks.
        var callers: CallerCatalogs?
        var group = BackendGroup()
        /// Whether no sessions are opened any more.
        var isDraining = false
        var isOver = false
    }

    package let clock: GatewayClock
    package let sessions: SessionStore
    /// The catalogue for everybody.
    package let keeper: CatalogKeeper
    /// What supervisors tell goes through it.
    let relay: OfferRelay
    let audience = Audience()
    let serverRequests = ServerRequests()
    let subscriptions: PrincipalQuota
    /// The calls of clients at all backends.
    package let load: GatewayLoad
    let stateless: StatelessState
    let workflows: WorkflowEngine
    let taskMemory: any TaskMemory
    let taskLimits: Adjustable<TaskLimits>
    let live: Mutex<Live>
    let drains = BackendDrains()
    private let router: EventRouter
    private let healthChanged: @Sendable (String, HealthState, HealthState) -> Void
    private let tasks = Mutex<[Task<Void, Never>]>([])
    /// The last sweep begun.
    private let sweeping = Mutex<Task<Void, Never>?>(nil)

    package init(
        settings: Settings, clock: GatewayClock = .system, backends: [(BackendDescriptor, any BackendStarter)],
        backendChanged: @escaping @Sendable (BackendStatus) -> Void = { _ in },
        healthChanged: @escaping @Sendable (String, HealthState, HealthState) -> Void = { _, _, _ in },
        changed: @escaping @Sendable (CatalogKeeper.Snapshot) -> Void = { _ in }
    ) {
        self.clock = clock
        let load = GatewayLoad(settings.calls)
        self.load = load
        subscriptions = PrincipalQuota(limit: settings.session.subscriptionsPerPrincipal)
        let router = EventRouter()
        self.router = router
        stateless = StatelessState(
            limits: settings.stateless, interactions: settings.interactions, stateKey: settings.stateKey ?? .made(),
            identity: settings.identity, clock: clock)
        let taskMemory = ProcessTaskMemory(settings.tasks)
        (self.taskMemory, taskLimits) = (taskMemory, taskMemory.limits)
        workflows = WorkflowEngine(clock: clock, policy: settings.policy, events: settings.workflowEvents)
        sessions = SessionStore(timeToLive: settings.sessionTimeToLive, capacity: settings.sessionCapacity)
        let optimizer = settings.optimizer.map {
            Optimizer($0.settings, search: $0.search, policy: settings.policy)
        }
        live = Mutex(Live(settings: settings, optimizer: optimizer))
        self.healthChanged = healthChanged
        let keeper = CatalogKeeper(
            pipeline: Self.pipeline(settings, optimizer), clock: clock, backends: backends.map(\.0),
            grace: StartGrace(clock: clock, limit: settings.startGrace, waitsForAll: settings.failsPartially),
            backendChanged: backendChanged
        ) { kinds, snapshot in
            changed(snapshot)
            // Callers with catalogues of their own are told of those.
            if let server = router.server, !server.hasCallers {
                server.optimizer?.update(snapshot.catalog)
                server.announce(kinds)
            }
        }
        self.keeper = keeper
        relay = OfferRelay(keeper)
        for (descriptor, starter) in backends {
            let member = makeMember(descriptor, starter, generation: 0)
            _ = member.seat.take()
            live.withLock { $0.group.members[descriptor.name] = member }
            keeper.watch(member.backend.health, of: descriptor.name)
        }
        remakeCallers()
        router.set(self)
    }

    static func pipeline(_ settings: Settings, _ optimizer: Optimizer?) -> Pipeline {
        Pipeline(
            settings.aggregation, compositeTools: settings.compositeTools, pinned: optimizer?.settings.pinned,
            schemaDepth: settings.schemaDepth)
    }

    func makeMember(
        _ descriptor: BackendDescriptor, _ starter: any BackendStarter, generation: UInt64
    ) -> BackendGroup.Member {
        let backend = Backend(
            descriptor: descriptor, starter: starter, identity: settings.identity, clock: clock, load: load,
            generation: generation, events: router,
            healthChanged: { [healthChanged] in healthChanged(descriptor.name, $0, $1) })
        let seat = BackendSeat(relay)
        return BackendGroup.Member(supervisor: BackendSupervisor(backend: backend, receiver: seat), seat: seat)
    }

    /// What holds now; another configuration may change it.
    package var settings: Settings { live.withLock { $0.settings } }
    var callers: CallerCatalogs? { live.withLock { $0.callers } }
    var optimizer: Optimizer? { live.withLock { $0.optimizer } }
    var supervisors: [String: BackendSupervisor] { live.withLock { $0.group.members.mapValues(\.supervisor) } }
    func supervisor(named name: String) -> BackendSupervisor? {
        live.withLock { $0.group.members[name]?.supervisor }
    }

    // MARK: - Life

    /// Starts every backend; returns at once.
    package func start() {
        keeper.start()
        live.withLock { live in
            for (name, member) in live.group.members {
                live.group.members[name]?.run = Task { await member.supervisor.run() }
            }
        }
        let sweeps = Task { [weak self, clock] in
            while !Task.isCancelled {
                do { try await clock.sleep(250) } catch { return }
                await self?.sweep()
            }
        }
        tasks.withLock { $0.append(sweeps) }
    }

    /// Ends overdue requests of either side and unused sessions. Sweeps take turns: when one returns, all that was due is done.
    package func sweep() async {
        let turn = sweeping.withLock { last in
            let turn = Task { [last] in
                await last?.value
                await sweepOnce()
            }
            last = turn
            return turn
        }
        await turn.value
    }

    private func sweepOnce() async {
        let now = clock.now()
        for request in serverRequests.overdue(now: now) {
            request.refuse("the client gave no answer in time")
            request.withdraw("no answer in time")
        }
        for supervisor in supervisors.values { sweep(supervisor.backend, now: now) }
        stateless.parked.sweep(now: now)
        stateless.pool.sweep(now: now)
        workflows.sweep(now: now)
        taskMemory.sweep(now: now)
        callers?.sweep(now: now) { principal in
            sessions.all.contains { $0.principal == principal }
                || stateless.listens.all.contains { $0.principal == principal }
        }
        for session in sessions.takeExpired(now: now) { await session.end() }
    }

    func sweep(_ backend: Backend, now: UInt64) {
        backend.sweep(now: now) { serverRequests.isAsking($0) || stateless.parked.isAsking($0) }
    }

    /// Opens no more sessions, and returns when no client holds a stream of one any more: those that are at work now go on
    /// until they end.
    /// - Parameter limit: Longest wait in milliseconds.
    package func drainSessions(limit: UInt64) async {
        live.withLock { $0.isDraining = true }
        let end = clock.now() + limit
        while sessions.all.contains(where: \.isListening), clock.now() < end {
            do { try await clock.sleep(Self.drainPause) } catch { return }
        }
    }

    /// Ends sessions, then backends.
    package func stop() async {
        let group = live.withLock { live in
            live.isOver = true
            return live.group
        }
        let members = Array(group.members.values) + group.successors.values
        let running = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in running + members.compactMap(\.run) { task.cancel() }
        callers?.stop()
        keeper.stop()
        workflows.stop()
        stateless.stop()
        await optimizer?.stop()
        for session in sessions.all { await session.end() }
        await withTaskGroup(of: Void.self) { group in
            for member in members { group.addTask { await member.backend.stop() } }
        }
        await drains.stop()
    }

    // MARK: - ClientSessions

    package func initialize(
        _ request: JSONRPCMessage, principal: Principal, headers: [Header]
    ) async -> InitializeOutcome {
        guard let id = request.id else { return .refused(response: []) }
        if live.withLock({ $0.isDraining }) {
            let message = "The gateway is ending and opens no sessions any more; open one with another instance"
            return .ending(response: JSONRPCWriter.error(id: id.array, code: -32603, message: message))
        }
        guard let params = request.params, let asked = params["protocolVersion"]?.string else {
            let message = "Invalid params: initialize needs \"protocolVersion\", a string"
            return .refused(response: JSONRPCWriter.error(id: id.array, code: -32602, message: message))
        }
        await ready(for: principal)
        let revision = ProtocolRevision(rawValue: asked) ?? .newest
        let client = RequestOrigin(
            clientInfo: params["clientInfo"], capabilities: ClientCapabilities(params["capabilities"]), logLevel: nil)
        let tasks = TaskSupport.offered(to: revision, offering(for: principal))
        let session = GatewaySession(
            id: SessionStore.makeID(), revision: revision, principal: principal, client: client, tasks: tasks,
            host: self)
        if let oldest = sessions.add(session) { await oldest.end() }
        return .opened(session, response: JSONRPCWriter.result(id: id.bytes, greeting(revision, tasks)))
    }

    private func greeting(_ revision: ProtocolRevision, _ tasks: TaskSupport) -> [UInt8] {
        var out = Array("{\"protocolVersion\":\"\(revision.rawValue)\",\"capabilities\":{".utf8)
        if revision > .v2024_11_05 { out.append(contentsOf: "\"completions\":{},".utf8) }
        out.append(
            contentsOf: """
                "logging":{},"prompts":{"listChanged":true},"resources":{"listChanged":true,"subscribe":true},\
                \(tasks.declaration)"tools":{"listChanged":true}},"serverInfo":
                """.utf8)
        out.append(contentsOf: settings.identity.json)
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// How runs of composite tools stand: those under way, and those that ended within the last hour, at most 1,000.
    package var workflowStates: [WorkflowState] { workflows.store.states }

    package func session(_ id: String, principal: Principal) -> (any ClientSession)? {
        let session = sessions.session(id, principal: principal, now: clock.now())
        // The lists are read with the newest token.
        if session != nil { _ = callers?.keeper(for: principal) }
        return session
    }

    // MARK: - SessionHost

    func catalog(for principal: Principal) -> Catalog? {
        guard let callers else { return keeper.snapshot.catalog }
        return callers.keeper(for: principal)?.snapshot.catalog
    }
    /// Returns when there is a catalogue for the caller, and lists need not wait for backends any more.
    package func ready(for principal: Principal) async {
        await keeper.settled()
        await callers?.prepare(principal)
    }
    var hasCallers: Bool { callers != nil }
    var sessionLimits: SessionLimits { live.withLock { $0.settings.session } }
    var passthroughHeaders: Set<String> { live.withLock { $0.settings.passthroughHeaders } }
    var interactions: InteractionLimits { live.withLock { $0.settings.interactions } }
    var taskSeal: TaskSeal { stateless.tasks }
    func missingBackends(for principal: Principal) -> [String] {
        guard live.withLock({ $0.settings.failsPartially }) else { return [] }
        let statuses = (callers?.keeper(for: principal) ?? keeper).statuses
        return statuses.filter { $0.phase != .ready }.map(\.name)
    }
    /// What there is to count of the calls at a backend; `nil` when there is none of the name.
    package func figures(of backend: String) -> BackendLoad.Figures? { self.backend(named: backend)?.load.figures }
    /// Calls of clients of 2026-07-28 that wait for answers of their clients.
    package var parkedCalls: Int { stateless.parked.count }
    func backend(named name: String) -> Backend? { supervisor(named: name)?.backend }
    func ended(_ session: GatewaySession) { sessions.remove(session) }
}
