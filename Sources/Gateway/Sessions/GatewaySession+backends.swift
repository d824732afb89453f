import Synchronization

// The sessions that a client's session holds with backends: opened when needed, opened again when lost.
extension GatewaySession {
    /// Sends a call over the session with its backend, opening that first when there is none.
    func dispatch(_ call: ForwardedCall) {
        guard let backend = host.backend(named: call.backend) else {
            return call.fail(Outcome(.unavailable, notSent: true, message: "is not part of the group any more"))
        }
        enum Step { case send(BackendSession), open(BackendSession?), wait, over }
        let step = state.withLock { state -> Step in
            if state.isOver { return .over }
            switch state.backends[call.backend] {
            case .open(let session) where session.server != nil && backend.owns(session): return .send(session)
            case .opening(let waiting):
                state.backends[call.backend] = .opening(waiting + [call])
                return .wait
            case let former:
                state.backends[call.backend] = .opening([call])
                // Where the backend has a successor, calls are under way on the former session and end there.
                if case .open(let lost) = former, backend.owns(lost) { return .open(lost) }
                return .open(nil)
            }
        }
        switch step {
        case .wait: break
        case .over: call.abandon()
        case .send(let session): send(call, over: session, backend)
        case .open(let lost):
            if let lost { _ = host.audience.leave(self, lost) }
            Task { await self.open(backend, for: call.identity) }
        }
    }

    private func open(_ backend: Backend, for identity: (any CallerIdentity)?) async {
        let name = backend.descriptor.name
        let result: Result<BackendSession, Outcome>
        do throws(Outcome) {
            let session = try await backend.session(for: capabilities, of: identity)
            host.audience.join(self, session)
            // Lost before it was joined: it was taken out of the audience already.
            if session.server == nil { _ = host.audience.leave(self, session) }
            result = .success(session)
        } catch {
            result = .failure(error)
        }
        let (waiting, subscriptions, level, isOver) = state.withLock { state in
            var waiting: [ForwardedCall] = []
            if case .opening(let calls) = state.backends[name] { waiting = calls }
            if case .success(let session) = result, !state.isOver {
                state.backends[name] = .open(session)
            } else {
                state.backends[name] = nil
            }
            return (waiting, state.subscriptions.filter { $0.value == name }.keys, state.level, state.isOver)
        }
        switch result {
        case .success(let session):
            // The client's session ended meanwhile, and its calls with it.
            if isOver { return leave(session) }
            if let level { session.wantLogs(at: level) }
            for uri in subscriptions { resubscribe(uri, session) }
            for call in waiting { send(call, over: session, backend) }
        case .failure where backend.current !== backend:
            // It ended while the session was being opened.
            for call in waiting { dispatch(call) }
        case .failure(let outcome): for call in waiting { call.failed(outcome) }
        }
    }

    private func send(_ call: ForwardedCall, over session: BackendSession, _ backend: Backend) {
        if let answer = answerHere(call, over: session) { return call.answer(answer) }
        // It is answered when the task has ended, and silent until then (2025-11-25, Tasks, Retrieving task results).
        let descriptor = backend.descriptor
        let idle = call.request.method == "tasks/result" ? 0 : descriptor.timeout
        let context = CallContext(
            deadline: backend.clock.now() + descriptor.longestCall, idle: idle,
            identity: call.identity?.number ?? 0)
        call.send(over: session, context: context)
    }

    /// Requests that a backend need not or must not see, given what it announced.
    private func answerHere(_ call: ForwardedCall, over session: BackendSession) -> [UInt8]? {
        guard let id = call.request.id, let server = session.server else { return nil }
        switch call.request.method {
        case "completion/complete" where !server.offersCompletions:
            return JSONRPCWriter.result(id: id.bytes, "{\"completion\":{\"values\":[]}}".utf8)
        case "resources/subscribe":
            if let refusal = subscribe(to: uri(of: call), session) {
                return JSONRPCWriter.error(id: id.array, code: -32603, message: refusal)
            }
            return server.offersSubscriptions ? nil : JSONRPCWriter.result(id: id.bytes, "{}".utf8)
        case "resources/unsubscribe":
            let isLast = unsubscribe(from: uri(of: call), session)
            return server.offersSubscriptions && isLast ? nil : JSONRPCWriter.result(id: id.bytes, "{}".utf8)
        default: return nil
        }
    }

    /// Milliseconds that a backend has for letting go of subscriptions before its session is closed.
    private static let farewell: UInt64 = 2_000

    /// Lets go of a backend session: it is told of subscriptions that nobody has any more, and closed if it was ours.
    func leave(_ session: BackendSession) {
        let unwanted = host.audience.leave(self, session)
        let backend = host.backend(named: session.backend)
        guard session.server?.offersSubscriptions == true, !unwanted.isEmpty else {
            backend?.release(session)
            return
        }
        guard !session.shared else {
            for uri in unwanted { session.ask(method: "resources/unsubscribe", params: Self.params(uri: uri)) }
            return
        }
        // There are servers that forget a session when it ends, and its subscriptions not: updates would fail on them.
        let context = CallContext(deadline: host.clock.now() + Self.farewell)
        let waiting = OpenAnswers(unwanted.count) { backend?.release(session) }
        for uri in unwanted {
            session.send(waiting, method: "resources/unsubscribe", params: Self.params(uri: uri), context: context)
        }
    }

    // MARK: - Subscriptions

    private func uri(of call: ForwardedCall) -> String { call.request.params?["uri"]?.string ?? "" }

    // Noted before the backend answers, so that no update is missed; a refusal takes it back.
    /// - Returns: Why it is refused.
    private func subscribe(to uri: String, _ session: BackendSession) -> String? {
        let (limits, quota) = (host.sessionLimits, host.subscriptions)
        let refusal = state.withLock { state -> String? in
            guard !state.isOver, state.subscriptions[uri] == nil else { return nil }
            guard state.subscriptions.count < limits.subscriptions else {
                return "Too many subscriptions: one session may have \(limits.subscriptions) at a time "
                    + "(operational.limits.subscriptionsPerSession)"
            }
            guard quota.take(principal) else {
                return "Too many subscriptions: one caller may have \(quota.limit) at a time "
                    + "(operational.limits.subscriptionsPerPrincipal)"
            }
            state.subscriptions[uri] = session.backend
            return nil
        }
        if refusal == nil { host.audience.subscribe(self, to: uri, session) }
        return refusal
    }

    private func unsubscribe(from uri: String, _ session: BackendSession) -> Bool {
        forgetSubscription(to: uri)
        return host.audience.unsubscribe(self, from: uri, session)
    }

    private func forgetSubscription(to uri: String) {
        if state.withLock({ $0.subscriptions.removeValue(forKey: uri) }) != nil { host.subscriptions.give(principal) }
    }

    /// The backend answered a subscription with an error.
    func refused(_ call: ForwardedCall) {
        guard call.request.method == "resources/subscribe" else { return }
        let uri = uri(of: call)
        forgetSubscription(to: uri)
        let session = state.withLock { state -> BackendSession? in
            if case .open(let session) = state.backends[call.backend] { return session }
            return nil
        }
        if let session { _ = host.audience.unsubscribe(self, from: uri, session) }
    }

    private func resubscribe(_ uri: String, _ session: BackendSession) {
        host.audience.subscribe(self, to: uri, session)
        guard session.server?.offersSubscriptions == true else { return }
        session.ask(method: "resources/subscribe", params: Self.params(uri: RewrittenURI.original(of: uri)))
    }

    /// Opens sessions again with backends that the client waits for news of.
    func restoreSubscriptions() {
        let missing = state.withLock { state -> [Backend] in
            if state.isOver || state.subscriptions.isEmpty { return [] }
            return Set(state.subscriptions.values).compactMap { name in
                switch state.backends[name] {
                case .opening: return nil
                case .open(let session) where session.server != nil: return nil
                default: break
                }
                guard let backend = host.backend(named: name) else { return nil }
                state.backends[name] = .opening([])
                return backend
            }
        }
        for backend in missing { Task { await self.open(backend, for: self.identity) } }
    }

    private static func params(uri: String) -> [UInt8] {
        Array("{\"uri\":".utf8) + JSONText.quote(uri) + [UInt8(ascii: "}")]
    }
}
