import Gateway
import Synchronization
import Testing

/// A clock that stands still until the test moves it.
final class HeldClock: Sendable {
    private struct State {
        var now: UInt64 = 1_000
        var sleepers: [(until: UInt64, number: UInt64, CheckedContinuation<Void, Never>)] = []
        var nextNumber: UInt64 = 0
        var watchers: [(@Sendable ([UInt64]) -> Bool, CheckedContinuation<Void, Never>)] = []

        /// How long each sleeper has still to sleep.
        var rests: [UInt64] { sleepers.map { $0.until - min($0.until, now) } }
    }

    private let state = Mutex(State())

    var clock: GatewayClock {
        GatewayClock(
            now: { self.state.withLock { $0.now } }, wall: { self.state.withLock { $0.now } },
            sleep: { milliseconds in
                let number = self.state.withLock { state in
                    defer { state.nextNumber += 1 }
                    return state.nextNumber
                }
                await withTaskCancellationHandler {
                    await withCheckedContinuation { self.sleep(milliseconds, number, $0) }
                } onCancel: {
                    self.wake(number)
                }
                try Task.checkCancellation()
            })
    }

    /// Ends the sleep of a task that was cancelled.
    private func wake(_ number: UInt64) {
        let sleeper = state.withLock { state in
            state.sleepers.firstIndex { $0.number == number }.map { state.sleepers.remove(at: $0).2 }
        }
        sleeper?.resume()
    }

    /// Waits until somebody sleeps for so long.
    func sleeper(_ milliseconds: UInt64) async { await until { $0.contains(milliseconds) } }

    /// Lets so much time pass whenever somebody sleeps for so long, until something has happened: a sleeper that was woken
    /// for another reason may have begun anew while the time passed.
    func pass(_ milliseconds: UInt64, until happened: () -> Bool) async {
        await sleeper(milliseconds)
        while !happened() {
            if state.withLock({ $0.rests.contains(milliseconds) }) { advance(by: milliseconds) }
            await Task.yield()
        }
    }

    /// Waits until the times that sleepers have still to sleep fit.
    func until(_ condition: @escaping @Sendable ([UInt64]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if condition(state.rests) { return true }
                state.watchers.append((condition, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func sleep(_ milliseconds: UInt64, _ number: UInt64, _ sleeper: CheckedContinuation<Void, Never>) {
        let ready = state.withLock { state in
            // Cancelled before it slept: `wake` finds nothing then.
            if Task.isCancelled { return [sleeper] }
            state.sleepers.append((state.now + milliseconds, number, sleeper))
            let rests = state.rests
            let ready = state.watchers.filter { $0.0(rests) }.map(\.1)
            state.watchers.removeAll { $0.0(rests) }
            return ready
        }
        for one in ready { one.resume() }
    }

    func advance(by milliseconds: UInt64) {
        let awake = state.withLock { state in
            state.now += milliseconds
            let now = state.now
            defer { state.sleepers.removeAll { $0.until <= now } }
            return state.sleepers.filter { $0.until <= now }.map(\.2)
        }
        for sleeper in awake { sleeper.resume() }
    }
}

extension HealthSettings {
    /// No probes while all is well, so that they are in nobody's way.
    static var onDoubtOnly: HealthSettings {
        var settings = HealthSettings()
        settings.probesRegularly = false
        return settings
    }
}

/// A gateway over backends in memory.
struct TestGateway {
    let server: VirtualServer
    let clock: HeldClock
    /// The names of the tools of each new catalogue, as one text.
    let catalogs = RecordingStream()

    init(
        _ backends: [String: MemoryBackend], aggregation: AggregationSettings = AggregationSettings(),
        isolation: BackendDescriptor.Isolation = .auto, passthroughHeaders: Set<String> = [],
        staticHeaders: Set<String> = [], failsPartially: Bool = false, sessionCapacity: Int = 10_000,
        session: SessionLimits = SessionLimits(), calls: CallLimits = CallLimits(),
        stateless: StatelessLimits = StatelessLimits(),
        interactions: InteractionLimits = InteractionLimits(), tasks: TaskLimits = TaskLimits(),
        stateKey: StateKey? = nil, listsForCallers: Set<String> = [], callers: CallerLimits = CallerLimits(),
        health: HealthSettings = .onDoubtOnly, retries: Int = 0,
        compositeTools: [WorkflowDefinition] = [], policy: any Policy = AllowAll(),
        workflowEvents: any WorkflowEvents = NoWorkflowEvents(),
        optimizer: (settings: OptimizerSettings, search: any ToolSearch)? = nil
    ) {
        let clock = HeldClock()
        self.clock = clock
        var settings = VirtualServer.Settings(
            identity: GatewayIdentity(name: "test", version: "0"), aggregation: aggregation,
            passthroughHeaders: passthroughHeaders, sessionCapacity: sessionCapacity, failsPartially: failsPartially)
        (settings.session, settings.stateless) = (session, stateless)
        (settings.interactions, settings.stateKey) = (interactions, stateKey)
        (settings.tasks, settings.calls, settings.callers) = (tasks, calls, callers)
        (settings.compositeTools, settings.policy) = (compositeTools, policy)
        (settings.workflowEvents, settings.optimizer) = (workflowEvents, optimizer)
        server = VirtualServer(
            settings: settings, clock: clock.clock,
            backends: backends.sorted { $0.key < $1.key }.map { name, backend in
                (
                    BackendDescriptor(
                        name: name, kind: "Memory", transport: "memory", isolation: isolation,
                        staticHeaders: staticHeaders, listsForCallers: listsForCallers.contains(name), health: health,
                        retries: retries), backend
                )
            },
            changed: { [catalogs] snapshot in
                _ = catalogs.send(Array(snapshot.catalog.tools.map(\.name).joined(separator: " ").utf8))
            })
        server.start()
    }

    static func message(_ text: String) throws -> JSONRPCMessage { try JSONRPCMessage(Array(text.utf8)) }

    /// Opens a session as a client would.
    func session(
        revision: String = "2025-11-25", capabilities: String = "{}", principal: Principal = .anonymous
    ) async throws -> any ClientSession {
        let request = try Self.message(
            """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\(revision)",\
            "capabilities":\(capabilities),"clientInfo":{"name":"t","version":"0"}}}
            """)
        await server.keeper.firstRound()
        guard case .opened(let session, _) = await server.initialize(request, principal: principal, headers: []) else {
            throw Refused()
        }
        return session
    }

    /// Opens several sessions.
    func sessions(_ count: Int) async throws -> [any ClientSession] {
        var sessions: [any ClientSession] = []
        for _ in 0..<count { sessions.append(try await session()) }
        return sessions
    }

    struct Refused: Error {}
}

extension ClientSession {
    /// Sends a request and returns the stream it is answered on.
    func ask(_ text: String, headers: [Header] = []) throws -> RecordingStream {
        let stream = RecordingStream()
        request(try TestGateway.message(text), headers: headers, stream: stream)
        return stream
    }
}
