import Synchronization

// Requests of backends to the client behind a session.
extension GatewaySession {
    /// The capability that a client must have declared to be asked with a method.
    private static let needs = [
        "elicitation/create": "elicitation", "sampling/createMessage": "sampling", "roots/list": "roots",
    ]

    /// Hands a backend's request to the client, on the stream of the call that caused it.
    ///
    /// - Parameter stream: That of the call, when it is known; otherwise that of the latest call to the backend, or one
    ///   that waits for what belongs to no request.
    /// - Returns: False when the client cannot be asked that.
    func ask(_ request: JSONRPCMessage, by session: BackendSession, on stream: (any ClientStream)?) -> Bool {
        guard let id = request.id, let capability = Self.needs[request.method], capabilities.names.contains(capability)
        else { return false }
        let candidates = stream.map { [$0] } ?? streams(for: session)
        let entry = host.serverRequests.add(
            self, session, backendID: id.array, stream: candidates.first,
            deadline: host.clock.now() + Self.longestAnswer)
        var splice = JSONSplice()
        splice.replace(id.range, with: JSONText.quote(entry.clientID))
        let message = splice.apply(to: request.json)
        for candidate in candidates where candidate.send(message) != .stop { return true }
        return host.serverRequests.take(entry.clientID, of: self) == nil
    }

    /// Milliseconds that a person may take for an answer.
    private static let longestAnswer: UInt64 = 600_000

    private func streams(for session: BackendSession) -> [any ClientStream] {
        let calls = state.withLock { $0.calls.values.filter { $0.backend == session.backend } }
        return calls.map(\.stream) + listeningStreams
    }

    /// Takes the client's answer to a request of a backend.
    func answered(_ response: JSONRPCMessage) {
        guard let id = response.id, let text = id.string, let entry = host.serverRequests.take(text, of: self) else {
            return
        }
        var splice = JSONSplice()
        splice.replace(id.range, with: entry.backendID)
        entry.session.post(splice.apply(to: response.json))
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

extension ServerRequests.Entry {
    /// Tells the backend that there will be no answer.
    func refuse(_ reason: String) {
        session.post(JSONRPCWriter.error(id: backendID, code: -32603, message: reason))
    }

    /// Tells the client that its answer is not wanted any more.
    func withdraw(_ reason: String) {
        var params = Array("{\"requestId\":".utf8)
        JSONText.append(clientID, to: &params)
        params.append(contentsOf: ",\"reason\":".utf8)
        JSONText.append(reason, to: &params)
        params.append(UInt8(ascii: "}"))
        _ = stream?.send(JSONRPCWriter.notification(method: "notifications/cancelled", params: params))
    }
}
