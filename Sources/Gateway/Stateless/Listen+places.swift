import Synchronization

// The uses of backends that a listen has for the resources it was asked for.
extension Listen {
    /// Takes a place at a backend and subscribes.
    /// - Returns: The resources that the backend agreed to.
    func open(_ name: String, _ uris: [String]) async -> Set<String> {
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
            state.followed.removeAll { $0 === session }
            return state.phase == .over
        }
        if isOver {
            leave(lease)
            return []
        }
        let agreed = await subscribe(uris, session, timeout: backend.descriptor.timeout)
        for other in host.stateless.pool.sessions(of: principal, name) { await follow(other, firstFor: nil) }
        return agreed
    }

    /// - Returns: The resources that the backend agreed to.
    private func subscribe(_ uris: [String], _ session: BackendSession, timeout: UInt64) async -> Set<String> {
        // Before the backend answers, so that no update is missed.
        for uri in uris { host.audience.subscribe(self, to: uri, session) }
        var agreed: Set<String> = []
        for uri in uris {
            if state.withLock({ $0.phase == .over }) { break }
            do throws(Outcome) {
                let answer = try await session.request(
                    method: "resources/subscribe", params: Self.params(uri: RewrittenURI.original(of: uri)),
                    context: CallContext(deadline: host.clock.now() + timeout))
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

    // MARK: - Other sessions of the caller

    /// Whether it is subscribed to resources of the session's backend.
    func concerns(_ session: BackendSession) -> Bool {
        state.withLock { $0.backends.values.contains(session.backend) }
    }

    /// Subscribes over a session, besides that of its place, which requests of the caller use: a server may tell of what
    /// they change there alone.
    /// - Parameter firstFor: What the client can be asked of whom it is the first session.
    func follow(_ session: BackendSession, firstFor: InteractionSet?) async {
        guard session.server?.offersSubscriptions == true, let backend = host.backend(named: session.backend) else {
            return
        }
        let uris = state.withLock { state -> [String] in
            state.followed.removeAll { $0.server == nil }
            guard state.phase != .over, !state.followed.contains(where: { $0 === session }) else { return [] }
            switch state.places[session.backend] {
            case .open(let lease) where lease.session === session: return []
            case .opening where firstFor == interactions: return []
            default: break
            }
            let uris = state.filter.uris.filter { state.backends[$0] == session.backend }
            if !uris.isEmpty { state.followed.append(session) }
            return uris
        }
        if uris.isEmpty { return }
        host.audience.join(self, session)
        if state.withLock({ $0.phase == .over }) { return leave(session) }
        _ = await subscribe(uris, session, timeout: backend.descriptor.timeout)
    }

    /// A session is closed that it may have followed.
    func forget(_ session: BackendSession) {
        let isFollowed = state.withLock { state in
            let count = state.followed.count
            state.followed.removeAll { $0 === session }
            return state.followed.count < count
        }
        if isFollowed { _ = host.audience.leave(self, session) }
    }

    private func lease(_ backend: Backend) async -> BackendLease? {
        let result = await withCheckedContinuation {
            (done: CheckedContinuation<Result<BackendLease, Outcome>, Never>) in
            // The session of the client's own calls, so that one is enough where there is only one call at a time.
            host.stateless.pool.lease(principal, backend, interactions, watches: true) { done.resume(returning: $0) }
        }
        // Why there is none is in the backend's status already.
        if case .success(let lease) = result { return lease }
        return nil
    }

    /// Lets go of a backend session; it is told of subscriptions that nobody has any more.
    func leave(_ lease: BackendLease) {
        leave(lease.session)
        lease.end()
    }

    func leave(_ session: BackendSession) {
        for uri in host.audience.leave(self, session) where session.server?.offersSubscriptions == true {
            session.ask(method: "resources/unsubscribe", params: Self.params(uri: uri))
        }
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
