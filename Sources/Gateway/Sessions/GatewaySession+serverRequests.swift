import Synchronization

// Requests of servers to the client behind a session.
extension GatewaySession {
    /// Hands a backend's request to the client, on the stream of the call that caused it.
    ///
    /// - Parameter stream: That of the call, when it is known; otherwise that of the latest call to the backend, or one
    ///   that waits for what belongs to no request.
    /// - Returns: False when the client cannot be asked that.
    func ask(_ request: JSONRPCMessage, by session: BackendSession, on stream: (any ClientStream)?) -> Bool {
        let tasks = tasks(of: session.backend)
        let request = tasks.towardsClient(request)
        guard let id = request.id, let input = InputRequest(method: request.method, params: request.params) else {
            return false
        }
        if let refusal = input.refusal(declared: askable) {
            session.post(JSONRPCWriter.error(id: id.array, code: refusal.code, message: refusal.message))
            return true
        }
        let raw = id.array
        if host.serverRequests.isFull(session) {
            session.refuse(raw, InteractionLimits.tooManyQuestions)
            return true
        }
        let reply: @Sendable (ServerRequests.Answer) -> Void = { [weak session] answer in
            switch answer {
            case .none(let reason): session?.refuse(raw, reason)
            case .response(let response):
                guard let own = response.id else { return }
                var splice = JSONSplice()
                splice.replace(own.range, with: raw)
                tasks.towardsBackend(response, &splice)
                session?.post(splice.apply(to: response.json))
            }
        }
        let origin = ServerRequests.Origin(session: session, id: raw)
        return ask(origin: origin, on: stream.map { [$0] } ?? streams(for: session), reply: reply) { clientID in
            var splice = JSONSplice()
            splice.replace(id.range, with: JSONText.quote(clientID))
            return splice.apply(to: request.json)
        } != nil
    }

    /// Sends the client a request on the first stream that takes it.
    ///
    /// - Parameters:
    ///   - reply: Called once with what became of it, unless somebody takes it away before.
    ///   - message: Makes the request for an id.
    /// - Returns: Its id; `nil` when no stream took it, and `reply` is not called.
    func ask(
        origin: ServerRequests.Origin?, on streams: [any ClientStream],
        reply: @escaping @Sendable (ServerRequests.Answer) -> Void, message: (String) -> [UInt8]
    ) -> String? {
        let entry = host.serverRequests.add(
            self, origin: origin, stream: streams.first, deadline: host.clock.now() + host.interactions.answerTime,
            reply: reply)
        let bytes = message(entry.clientID)
        for stream in streams where stream.send(bytes) != .stop { return entry.clientID }
        // Taken by somebody else meanwhile: then that one has told of it.
        return host.serverRequests.take(entry.clientID, of: self) == nil ? entry.clientID : nil
    }

    /// What the client can be asked. Revisions before 2025-11-25 could not say that they serve `includeContext`.
    var askable: InteractionSet {
        let declared = capabilities.interactions
        return declared.contains(.sampling) ? declared.union(.samplingContext) : declared
    }

    /// The streams that a request may go out on when its call is not known.
    private func streams(for session: BackendSession) -> [any ClientStream] {
        let calls = state.withLock { state in
            state.calls.values.filter { $0.backend == session.backend }.map(\.stream)
                + state.ownCalls.values.map(\.stream)
        }
        return calls + listeningStreams
    }

    /// Streams that wait for what belongs to no request.
    var ownStreams: [any ClientStream] { state.withLock { $0.streams } }

    /// Takes the client's answer to a request of ours.
    func answered(_ response: JSONRPCMessage) {
        guard let text = response.id?.string else { return }
        host.serverRequests.take(text, of: self)?.reply(.response(response))
    }

    /// Tells every backend that was offered roots that they changed.
    func rootsChanged(_ notification: JSONRPCMessage) {
        guard capabilities.names.contains("roots") else { return }
        let sessions = state.withLock { state in
            state.backends.values.compactMap { if case .open(let session) = $0 { session } else { nil } }
        }
        for session in sessions where !session.shared { session.post(notification.json.array) }
    }
}
