import Synchronization

/// One `subscriptions/listen` stream: acknowledged first, then whatever it asked for, each marked with its id.
final class Listen: StatelessExchange {
    /// The use of a backend for the resources that it serves.
    enum Place {
        case opening
        case open(BackendLease)
    }

    typealias Wanted = @Sendable (ListenFilter) -> Bool

    enum Phase { case waiting, open, over }

    struct State {
        var phase = Phase.waiting
        var filter = ListenFilter()
        /// What came before the acknowledgement.
        var early: [(message: [UInt8], isWanted: Wanted)] = []
        /// What backends agreed to before the acknowledgement.
        var agreed: Set<String> = []
        /// The backend of each resource that is subscribed to.
        var backends: [String: String] = [:]
        var places: [String: Place] = [:]
        /// Sessions that the caller's requests use besides.
        var followed: [BackendSession] = []
    }

    let principal: Principal
    /// What the client can be asked in the course of its calls.
    let interactions: InteractionSet
    let host: any StatelessHost
    private let id: JSONSlice
    private let asked: ListenFilter
    private let stream: any StatelessStream
    private let tasks: ListenedTasks
    let state = Mutex(State())

    /// - Parameter id: That of the request, which is the subscription's.
    init(
        id: JSONSlice, filter: ListenFilter, principal: Principal, interactions: InteractionSet,
        stream: any StatelessStream, host: any StatelessHost
    ) {
        self.id = id
        asked = filter
        self.principal = principal
        self.interactions = interactions
        self.stream = stream
        self.host = host
        tasks = ListenedTasks(filter.taskIDs, principal: principal, host: host)
    }

    /// Subscribes where that is needed, and acknowledges what backends agreed to.
    func start() {
        state.withLock { $0.filter = asked }
        let catalog = host.catalog(for: principal)
        let routes = asked.uris.compactMap { uri in catalog?.backend(forResource: uri).map { (uri, $0) } }
        guard !routes.isEmpty || !tasks.isEmpty else { return acknowledge([]) }
        state.withLock { state in
            for (uri, backend) in routes { state.backends[uri] = backend }
            for backend in Set(routes.map(\.1)) { state.places[backend] = .opening }
        }
        let byBackend = Dictionary(grouping: routes, by: \.1).mapValues { $0.map(\.0) }
        Task { await self.subscribe(byBackend) }
    }

    private func subscribe(_ uris: [String: [String]]) async {
        let done = Latch()
        Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.tasks.open { [weak self] in self?.deliverTask($0, $1) } }
                for (backend, uris) in uris {
                    group.addTask {
                        let agreed = await self.open(backend, uris)
                        self.state.withLock { $0.agreed.formUnion(agreed) }
                    }
                }
            }
            done.open()
        }
        await done.wait(limit: host.stateless.limits.subscriptionTime, clock: host.clock)
        acknowledge(state.withLock { $0.agreed })
    }

    private func acknowledge(_ uris: Set<String>) {
        let honoured = asked.honoured(host.offering(for: principal), uris: uris, tasks: tasks.agreed)
        let params = Array("{\"notifications\":".utf8) + honoured.json + Array(",\"_meta\":".utf8)
        let message = JSONRPCWriter.notification(
            method: "notifications/subscriptions/acknowledged",
            params: params + ReservedMeta.replaced(in: nil, by: mark) + [UInt8(ascii: "}")])
        state.withLock { state in
            guard state.phase == .waiting else { return }
            (state.phase, state.filter) = (.open, honoured)
            _ = stream.send(message)
            for early in state.early where early.isWanted(honoured) { _ = stream.send(early.message) }
            state.early = []
        }
    }

    // MARK: - What is told

    /// The member of `_meta` that every message on this stream has.
    private var mark: [UInt8] { Array("\"\(ModernProtocol.subscriptionKey)\":".utf8) + id.bytes }

    /// A list has changed.
    func changed(_ method: String) {
        let params = Array("{\"_meta\":".utf8) + ReservedMeta.replaced(in: nil, by: mark) + [UInt8(ascii: "}")]
        deliver(JSONRPCWriter.notification(method: method, params: params)) { $0.methods.contains(method) }
    }

    /// A resource has changed.
    func deliverUpdate(_ notification: JSONRPCMessage) {
        guard let uri = notification.params?["uri"]?.string else { return }
        deliver(marked(notification)) { $0.covers(uri) }
    }

    /// A task has changed, which the client calls `id`.
    private func deliverTask(_ notification: JSONRPCMessage, _ id: String) {
        var splice = JSONSplice()
        if let own = notification.params?["taskId"] { splice.replace(own.range, with: JSONText.quote(id)) }
        deliver(marked(notification, splice)) { $0.taskIDs.contains(id) }
    }

    /// A backend's notification with the mark of this stream, and other edits.
    private func marked(_ notification: JSONRPCMessage, _ edits: JSONSplice = JSONSplice()) -> [UInt8] {
        guard let params = notification.params else { return notification.json.array }
        var splice = edits
        if let meta = params["_meta"] {
            splice.replace(meta.range, with: ReservedMeta.replaced(in: meta, by: mark))
        } else {
            let start = params.range.lowerBound + 1
            let meta = Array("\"_meta\":".utf8) + ReservedMeta.replaced(in: nil, by: mark)
            splice.replace(start..<start, with: meta + [UInt8(ascii: ",")])
        }
        return splice.apply(to: notification.json)
    }

    // Sent under the lock, which keeps the acknowledgement first and the result last; streams never call back meanwhile.
    private func deliver(_ message: [UInt8], if isWanted: @escaping Wanted) {
        state.withLock { state in
            guard state.phase != .over, isWanted(state.filter) else { return }
            if state.phase == .open { _ = stream.send(message) } else { state.early.append((message, isWanted)) }
        }
    }

    // MARK: - The end

    func cancel() { _ = end() }

    /// Ends it gracefully: the result is the last message.
    func drain() {
        if end() { stream.finish(host.stateless.stamp.answer(endingListen: id), code: nil) }
    }

    private func end() -> Bool {
        let ended = state.withLock { state -> (places: [Place], followed: [BackendSession])? in
            guard state.phase != .over else { return nil }
            state.phase = .over
            defer { (state.places, state.followed, state.early) = ([:], [], []) }
            return (Array(state.places.values), state.followed)
        }
        guard let ended else { return false }
        host.stateless.listens.remove(self)
        tasks.end()
        for session in ended.followed { leave(session) }
        for case .open(let lease) in ended.places { leave(lease) }
        return true
    }
}
