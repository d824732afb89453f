import Synchronization

// What comes from the backend: on the call that sent a request, on the session's own channel, or on its stream.
extension BackendSession {
    /// Takes one message.
    /// - Parameters:
    ///   - request: Our id of the request on whose call it came; `nil` on other channels.
    ///   - isFailure: The call has failed, and this is what the server says of it.
    ///   - isOnSession: It came on the session's own channel, where nothing tells what belongs together.
    func ingest(_ bytes: [UInt8], request: UInt64?, isFailure: Bool = false, isOnSession: Bool = false) {
        let message: JSONRPCMessage
        do throws(JSONRPCMessage.Malformed) { message = try JSONRPCMessage(bytes, depth: limits.jsonDepth) } catch {
            // The body of an HTTP error may be anything: the error itself is what is told.
            guard !isFailure, let request = request ?? Self.answered(by: bytes) else { return }
            return fail(request, Outcome(.protocolError, message: "sent what is not JSON-RPC: \(error)"))
        }
        switch message.kind {
        case .response: answer(message, request: request, isFailure: isFailure)
        case .request: serve(message, request: request)
        case .notification: take(message, request: request, isOnSession: isOnSession)
        }
    }

    /// The request that a message answers which is only nested too deep, so that its client need not wait for ever.
    private static func answered(by bytes: [UInt8]) -> UInt64? {
        do throws(JSONRPCMessage.Malformed) {
            let message = try JSONRPCMessage(bytes)
            guard message.kind == .response, let id = message.id?.integer, id > 0 else { return nil }
            return UInt64(id)
        } catch {
            return nil
        }
    }

    private func answer(_ message: JSONRPCMessage, request: UInt64?, isFailure: Bool) {
        // An error without an id can only speak of the exchange that brought it.
        let (found, isLeaving) = state.withLock { state in
            (
                message.id == nil ? request.flatMap { state.pending.remove($0) } : state.pending.answer(message.id),
                state.isLeaving
            )
        }
        guard let found else { return }
        if found.isCall, !isFailure { health.answered() }
        found.reply.answered(message)
        if isLeaving { leaveIfDone() }
    }

    private func serve(_ message: JSONRPCMessage, request: UInt64?) {
        // A server of 2026-07-28 sends no requests; over HTTP there is no way to answer one either.
        guard let id = message.id, !isModern else { return }
        if message.method == "ping" { return post(JSONRPCWriter.result(id: id.bytes, "{}".utf8)) }
        let reply = state.withLock { state in
            request.map { state.pending.requests[$0]?.reply } ?? state.pending.onlyCall?.reply
        }
        let isTaken = reply?.asked(message, by: self) ?? false
        if !isTaken, request != nil || !events.asked(message, by: self) {
            post(
                JSONRPCWriter.error(
                    id: id.array, code: -32601, message: "Method not found: this client declared no such capability"))
        }
    }

    private func take(_ message: JSONRPCMessage, request: UInt64?, isOnSession: Bool) {
        switch message.method {
        case "notifications/progress":
            let found = state.withLock { $0.pending.progress(message.params, now: clock.now()) }
            health.heard()
            if let found, let token = message.params?["progressToken"] {
                var splice = JSONSplice()
                splice.replace(token.range, with: found.token)
                found.reply.notified(splice.apply(to: message.json), level: nil)
            }
        case "notifications/message":
            // One of a task belongs to no call under way, even if there is only one.
            let isOfTask = request == nil && TaskTranslation.isOfTask(message)
            if !isOfTask, let reply = logged(on: request, isOnSession: isOnSession) {
                reply.notified(message.json.array, level: LogLevel(of: message))
            } else {
                events.notified(message, by: self)
            }
        default:
            if !isModern {
                events.notified(message, by: self)
            } else if let message = modernListener.take(message) {
                events.notified(message, by: self)
            } else {
                subscriber(to: message)?.notified(message.json.array, level: nil)
            }
        }
        if let request { state.withLock { $0.pending.touch(request, now: clock.now()) } }
    }

    /// Who opened the stream that a notification of 2026-07-28 is of, or that it ends.
    private func subscriber(to message: JSONRPCMessage) -> (any StreamReply)? {
        let mark = message.params?["_meta"]?[ModernProtocol.subscriptionKey]
        let id = message.method == "notifications/cancelled" ? message.params?["requestId"] : mark
        guard let id = id?.integer, id > 0 else { return nil }
        return state.withLock { $0.pending.requests[UInt64(id)]?.reply as? any StreamReply }
    }

    /// Whose log message it is: on a channel for everything, where calls have no streams of their own, that of the only one
    /// under way.
    private func logged(on request: UInt64?, isOnSession: Bool) -> (any BackendReply)? {
        state.withLock { state in
            if let request { return state.pending.requests[request]?.reply }
            return isOnSession ? state.pending.onlyCall?.reply : nil
        }
    }

    /// The call of a request has ended.
    func ended(_ id: UInt64, _ outcome: Outcome, last: [UInt8]) {
        if !doubts(id, outcome, last: last) { conclude(id, outcome, last: last) }
    }

    /// Does what the end of a request's call means for it.
    func conclude(_ id: UInt64, _ outcome: Outcome, last: [UInt8]) {
        if outcome.status != .ok, let request = state.withLock({ $0.pending.requests[id] }), request.isCall {
            health.ended(outcome, from: .call, began: request.began)
        }
        if !last.isEmpty { ingest(last, request: id, isFailure: outcome.status != .ok) }
        if outcome.status == .ok {
            guard !link.traits.contains(.answersOnSession) else { return }
            return fail(id, Outcome(.protocolError, message: "ended the exchange without an answer"))
        }
        let request = state.withLock { $0.pending.remove(id) }
        // The session ends first, so that whoever sends the request again does not take this one.
        if outcome.sessionLost { lost(outcome) }
        // The link watches the time as well, and mostly comes first; a closed connection does not stop the backend.
        if request != nil, outcome.status == .timeout, !outcome.notSent { tellCancelled(id, "no answer in time") }
        request?.reply.failed(outcome)
        leaveIfDone()
    }

    private func fail(_ id: UInt64, _ outcome: Outcome) {
        guard let request = state.withLock({ $0.pending.remove(id) }) else { return }
        if request.isCall { health.ended(outcome, from: .call, began: request.began) }
        request.reply.failed(outcome)
        leaveIfDone()
    }
}
