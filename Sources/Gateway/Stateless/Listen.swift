import Synchronization

/// One `subscriptions/listen` stream: acknowledged first, then whatever it asked for, each marked with its id.
final class Listen: StatelessExchange {
    /// The use of a backend for the resources that it serves.
    enum Place {
        case opening
        case open(BackendLease)
    }

    private typealias Wanted = @Sendable (ListenFilter) -> Bool

    private enum Phase { case waiting, open, over }

    private struct State {
        var phase = Phase.waiting
        var filter = ListenFilter()
        /// What came before the acknowledgement.
        var early: [(message: [UInt8], isWanted: Wanted)] = []
        /// What backends agreed to before the acknowledgement.
        var agreed: Set<String> = []
        /// The backend of each resource that is subscribed to.
        var backends: [String: String] = [:]
        var places: [String: Place] = [:]
    }

    let principal: Principal
    let host: any StatelessHost
    private let id: JSONSlice
    private let asked: ListenFilter
    private let stream: any StatelessStream
    private let state = Mutex(State())

    /// - Parameter id: That of the request, which is the subscription's.
    init(
        id: JSONSlice, filter: ListenFilter, principal: Principal, stream: any StatelessStream, host: any StatelessHost
    ) {
        self.id = id
        asked = filter
        self.principal = principal
        self.stream = stream
        self.host = host
    }

    /// Subscribes where that is needed, and acknowledges what backends agreed to.
    func start() {
        state.withLock { $0.filter = asked }
        let routes = asked.uris.compactMap { uri in host.catalog.backend(forResource: uri).map { (uri, $0) } }
        guard !routes.isEmpty else { return acknowledge([]) }
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
        let honoured = asked.honoured(host.offering, uris: uris)
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
    private func deliverUpdate(_ notification: JSONRPCMessage) {
        guard let params = notification.params, let uri = params["uri"]?.string else { return }
        var splice = JSONSplice()
        if let meta = params["_meta"] {
            splice.replace(meta.range, with: ReservedMeta.replaced(in: meta, by: mark))
        } else {
            let start = params.range.lowerBound + 1
            let meta = Array("\"_meta\":".utf8) + ReservedMeta.replaced(in: nil, by: mark)
            splice.replace(start..<start, with: meta + [UInt8(ascii: ",")])
        }
        deliver(splice.apply(to: notification.json)) { $0.covers(uri) }
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
        let ended = state.withLock { state -> [Place]? in
            guard state.phase != .over else { return nil }
            state.phase = .over
            defer { (state.places, state.early) = ([:], []) }
            return Array(state.places.values)
        }
        guard let ended else { return false }
        host.stateless.listens.remove(self)
        for case .open(let lease) in ended { leave(lease) }
        return true
    }

    // MARK: - Places at backends

    /// Takes a place at a backend and subscribes.
    /// - Returns: The resources that the backend agreed to.
    private func open(_ name: String, _ uris: [String]) async -> Set<String> {
        guard let backend = host.backend(named: name), let lease = await lease(backend) else {
            state.withLock { $0.places[name] = nil }
            return []
        }
        let session = lease.session
        guard session.server?.offersSubscriptions == true else {
            state.withLock { $0.places[name] = nil }
            lease.end()
            return []
        }
        host.audience.join(self, session)
        let isOver = state.withLock { state in
            if state.phase != .over { state.places[name] = .open(lease) }
            return state.phase == .over
        }
        if isOver {
            leave(lease)
            return []
        }
        // Before the backend answers, so that no update is missed.
        for uri in uris { host.audience.subscribe(self, to: uri, session) }
        var agreed: Set<String> = []
        for uri in uris {
            if state.withLock({ $0.phase == .over }) { break }
            do throws(Outcome) {
                let answer = try await session.request(
                    method: "resources/subscribe", params: Self.params(uri: RewrittenURI.original(of: uri)),
                    context: CallContext(deadline: host.clock.now() + backend.descriptor.timeout))
                if answer.error == nil { agreed.insert(uri) }
            } catch {
                // What a backend does not take is left out of the acknowledgement.
                continue
            }
        }
        for uri in uris where !agreed.contains(uri) { _ = host.audience.unsubscribe(self, from: uri, session) }
        // Ended meanwhile: the backend may have heard of the end before it heard of the subscription.
        if state.withLock({ $0.phase == .over }) {
            for uri in agreed where host.audience.unsubscribe(self, from: uri, session) {
                session.ask(
                    method: "resources/unsubscribe", params: Self.params(uri: RewrittenURI.original(of: uri)))
            }
        }
        return agreed
    }

    private func lease(_ backend: Backend) async -> BackendLease? {
        let result = await withCheckedContinuation {
            (done: CheckedContinuation<Result<BackendLease, Outcome>, Never>) in
            host.stateless.pool.lease(principal, backend) { done.resume(returning: $0) }
        }
        // Why there is none is in the backend's status already.
        if case .success(let lease) = result { return lease }
        return nil
    }

    /// Lets go of a backend session; it is told of subscriptions that nobody has any more.
    private func leave(_ lease: BackendLease) {
        let session = lease.session
        for uri in host.audience.leave(self, session) where session.server?.offersSubscriptions == true {
            session.ask(method: "resources/unsubscribe", params: Self.params(uri: uri))
        }
        lease.end()
    }

    private static func params(uri: String) -> [UInt8] {
        Array("{\"uri\":".utf8) + JSONText.quote(uri) + [UInt8(ascii: "}")]
    }
}

extension Listen: AudienceMember {
    /// Log messages that belong to no request cannot be attributed, and no listen has any.
    func told(_ notification: [UInt8], level: LogLevel?) {}

    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { false }

    func updated(_ notification: JSONRPCMessage) { deliverUpdate(notification) }

    /// Takes places again that were lost with their backend session.
    func restoreSubscriptions() {
        let missing = state.withLock { state -> [String: [String]] in
            guard state.phase == .open else { return [:] }
            let wanted = state.backends.filter { state.filter.uris.contains($0.key) }
            let missing = Dictionary(grouping: wanted.keys) { wanted[$0] ?? "" }.filter { name, _ in
                switch state.places[name] {
                case .opening: return false
                case .open(let lease): return lease.session.server == nil
                case nil: return true
                }
            }
            for name in missing.keys { state.places[name] = .opening }
            return missing
        }
        for (name, uris) in missing { Task { await self.open(name, uris) } }
    }
}
