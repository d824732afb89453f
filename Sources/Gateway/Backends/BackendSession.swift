import Synchronization

/// Gets what a backend session brings that belongs to no request.
package protocol BackendSessionEvents: AnyObject, Sendable {
    /// A notification: list_changed, resources/updated, a log message on the session's own stream.
    func notified(_ notification: JSONRPCMessage, by session: BackendSession)
    /// The session is gone; its requests have failed already.
    func lost(_ session: BackendSession, _ outcome: Outcome)
    /// The session's stream was interrupted and is open again: changes may have been missed.
    func reopened(_ session: BackendSession)
}

/// One MCP session of the gateway with one backend, over its link.
///
/// It is the MCP client: makes `initialize`, its own ids and progress tokens, answers what the server asks, and finds the
/// request each answer belongs to. Messages pass as bytes; only id and token are spliced.
package final class BackendSession: Sendable {
    private enum Phase {
        case opening
        case ready(BackendServer)
        case over(Outcome)
    }

    private struct State {
        var phase = Phase.opening
        var pending = PendingRequests()
        /// The lowest log level asked for so far.
        var level: LogLevel?
    }

    /// The backend's name.
    package let backend: String
    /// The link's number of the session.
    package let number: UInt64
    /// Whether several clients use it.
    package let shared: Bool

    private let link: any BackendLink
    private let clock: GatewayClock
    private let events: any BackendSessionEvents
    private let state = Mutex(State())

    package init(
        backend: String, number: UInt64, shared: Bool, link: any BackendLink, clock: GatewayClock,
        events: any BackendSessionEvents
    ) {
        self.backend = backend
        self.number = number
        self.shared = shared
        self.link = link
        self.clock = clock
        self.events = events
    }

    /// What the backend said of itself; `nil` before it did and after the session ended.
    package var server: BackendServer? {
        state.withLock { if case .ready(let server) = $0.phase { server } else { nil } }
    }

    /// Requests that wait for an answer.
    package var pendingCount: Int { state.withLock { $0.pending.requests.count } }

    // MARK: - Life

    /// Opens the transport's session and makes the handshake.
    /// - Throws: how it failed; the session is over then.
    package func open(
        client: GatewayIdentity, capabilities: [UInt8], context: CallContext
    ) async throws(Outcome) -> BackendServer {
        do throws(Outcome) {
            try await transportOpen(context)
            let answer = try await request(
                method: "initialize", params: BackendHandshake.params(client: client, capabilities: capabilities),
                context: context)
            if let error = answer.error {
                let text = error["message"]?.string ?? "no message"
                throw Outcome(.protocolError, message: "refused initialize: \(text.prefix(200))")
            }
            let server = try BackendHandshake.read(answer.result)
            try state.withLock { state throws(Outcome) in
                if case .over(let outcome) = state.phase { throw outcome }
                state.phase = .ready(server)
            }
            notify(method: "notifications/initialized", params: nil)
            listen()
            return server
        } catch {
            finish(error)
            close()
            throw error
        }
    }

    private func transportOpen(_ context: CallContext) async throws(Outcome) {
        let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
            link.open(
                number, shared: shared, context: context, sessionObserver: SessionObserver(self),
                observer: CompletionObserver { continuation.resume(returning: $0) })
        }
        guard outcome.status == .ok else { throw outcome }
    }

    /// Ends the session from our side: what waits fails, the transport is closed politely.
    package func close() {
        finish(Outcome(.cancelled, message: "the session was closed"))
        link.close(number, context: CallContext(deadline: clock.now() + 5_000), observer: CompletionObserver { _ in })
    }

    /// Ends the session because the link says that it is gone.
    private func lose(_ outcome: Outcome) {
        if finish(outcome) { events.lost(self, outcome) }
    }

    @discardableResult
    private func finish(_ outcome: Outcome) -> Bool {
        let ended = state.withLock { state -> [PendingRequests.Request]? in
            if case .over = state.phase { return nil }
            state.phase = .over(outcome)
            return state.pending.removeAll()
        }
        guard let ended else { return false }
        for request in ended { request.reply.failed(outcome) }
        return true
    }

    // MARK: - Requests

    /// Sends a client's request: `splice` holds the edits that make it fit this backend; id and progress token are added.
    ///
    /// - Returns: The gateway's id of the request, for ``cancel(_:reason:)``.
    @discardableResult
    package func forward(
        _ message: JSONRPCMessage, splice: JSONSplice, context: CallContext, reply: any BackendReply
    ) -> UInt64 {
        let token = RequestMeta.progressToken(in: message.params)?.array
        return start(reply, progressToken: token, context: context) { id in
            var splice = splice
            let number = Array(String(id).utf8)
            if let range = message.id?.range { splice.replace(range, with: number) }
            if let params = message.params { RequestMeta.adapt(params, progressToken: number, into: &splice) }
            return splice.apply(to: message.json)
        }
    }

    /// Sends a request of the gateway's own; `params` is raw JSON.
    package func request(
        method: String, params: [UInt8]?, context: CallContext
    ) async throws(Outcome) -> JSONRPCMessage {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<JSONRPCMessage, Outcome>, Never>) in
            _ = start(ContinuationReply(continuation), progressToken: nil, context: context) { id in
                JSONRPCWriter.request(id: String(id).utf8, method: method, params: params)
            }
        }
        return try result.get()
    }

    private func start(
        _ reply: any BackendReply, progressToken: [UInt8]?, context: CallContext, message: (UInt64) -> [UInt8]
    ) -> UInt64 {
        let id = state.withLock { state -> Result<UInt64, Outcome> in
            if case .over(var outcome) = state.phase {
                outcome.notSent = true
                outcome.sessionLost = true
                return .failure(outcome)
            }
            return .success(
                state.pending.add(
                    reply, progressToken: progressToken, deadline: context.deadline, idle: context.idle,
                    now: clock.now()))
        }
        switch id {
        case .failure(let outcome):
            reply.failed(outcome)
            return 0
        case .success(let id):
            let call = link.send(
                number, JSONSplice.singleLine(message(id)), context: withHeaders(context),
                observer: RequestObserver(self, id: id))
            _ = state.withLock { $0.pending.setCall(call, of: id) }
            return id
        }
    }

    /// Tells the backend that nobody waits for a request any more (`notifications/cancelled`) and forgets it.
    package func cancel(_ id: UInt64, reason: CancelReason) {
        guard let request = state.withLock({ $0.pending.remove(id) }) else { return }
        notify(
            method: "notifications/cancelled",
            params: Array("{\"requestId\":\(id),\"reason\":\"the client cancelled the request\"}".utf8))
        if request.call != 0 { link.cancel(request.call, reason: reason) }
    }

    /// Ends requests whose time is over; called now and then.
    package func sweep(now: UInt64) {
        let late = state.withLock { $0.pending.overdue(now: now) }
        for (id, request) in late {
            notify(
                method: "notifications/cancelled",
                params: Array("{\"requestId\":\(id),\"reason\":\"no answer in time\"}".utf8))
            if request.call != 0 { link.cancel(request.call, reason: .deadline) }
            request.reply.failed(Outcome(.timeout, message: "gave no answer in time"))
        }
    }

    /// Sends a notification; `params` is raw JSON.
    package func notify(method: String, params: [UInt8]?) {
        post(JSONRPCWriter.notification(method: method, params: params))
    }

    /// Sees to it that log messages of this level arrive; a shared session keeps the lowest level any client wants.
    package func wantLogs(at level: LogLevel) {
        guard server?.offersLogging == true else { return }
        let isNews = state.withLock { state in
            guard let current = state.level, current == level || (shared && current < level) else {
                state.level = level
                return true
            }
            return false
        }
        guard isNews else { return }
        let context = CallContext(deadline: clock.now() + 30_000)
        Task {
            // A backend that refuses a level sends what it likes; the gateway filters by level all the same.
            do throws(Outcome) {
                _ = try await request(
                    method: "logging/setLevel", params: Array("{\"level\":\"\(level.rawValue)\"}".utf8),
                    context: context)
            } catch {}
        }
    }

    /// Sends a message that expects no answer; that it could not be sent shows in the session's next request.
    private func post(_ message: [UInt8]) {
        let context = CallContext(deadline: clock.now() + 30_000)
        link.send(
            number, JSONSplice.singleLine(message), context: withHeaders(context), observer: CompletionObserver { _ in }
        )
    }

    private func withHeaders(_ context: CallContext) -> CallContext {
        guard link.traits.contains(.hasHeaders), let server, server.revision.hasVersionHeader else { return context }
        var context = context
        context.headers.append(Header("MCP-Protocol-Version", server.revision.rawValue))
        return context
    }

    // MARK: - What comes

    fileprivate func ingest(_ bytes: [UInt8], request: UInt64?) {
        let message: JSONRPCMessage
        do throws(JSONRPCMessage.Malformed) { message = try JSONRPCMessage(bytes) } catch {
            if let request { fail(request, Outcome(.protocolError, message: "sent what is not JSON-RPC: \(error)")) }
            return
        }
        switch message.kind {
        case .response: answer(message, request: request)
        case .request: serve(message)
        case .notification: take(message, request: request)
        }
    }

    private func answer(_ message: JSONRPCMessage, request: UInt64?) {
        // An error without an id can only speak of the exchange that brought it.
        let found = state.withLock { state in
            message.id == nil ? request.flatMap { state.pending.remove($0) } : state.pending.answer(message.id)
        }
        found?.reply.answered(message)
    }

    private func serve(_ message: JSONRPCMessage) {
        guard let id = message.id else { return }
        if message.method == "ping" {
            post(JSONRPCWriter.result(id: id.bytes, "{}".utf8))
        } else {
            post(
                JSONRPCWriter.error(
                    id: id.array, code: -32601, message: "Method not found: this client declared no such capability"))
        }
    }

    private func take(_ message: JSONRPCMessage, request: UInt64?) {
        switch message.method {
        case "notifications/progress":
            let found = state.withLock { $0.pending.progress(message.params, now: clock.now()) }
            guard let found, let token = message.params?["progressToken"] else { return }
            var splice = JSONSplice()
            splice.replace(token.range, with: found.token)
            found.reply.notified(splice.apply(to: message.json))
        case "notifications/message":
            let reply = request.flatMap { id in state.withLock { $0.pending.requests[id]?.reply } }
            if let reply { reply.notified(message.json.array) } else { events.notified(message, by: self) }
        case "notifications/cancelled": break  // We accept no long requests from backends, so none can be cancelled.
        default: events.notified(message, by: self)
        }
        if let request { state.withLock { $0.pending.touch(request, now: clock.now()) } }
    }

    fileprivate func ended(_ id: UInt64, _ outcome: Outcome, last: [UInt8]) {
        if !last.isEmpty { ingest(last, request: id) }
        if outcome.status == .ok {
            guard !link.traits.contains(.answersOnSession) else { return }
            fail(id, Outcome(.protocolError, message: "ended the exchange without an answer"))
        } else {
            let request = state.withLock { $0.pending.remove(id) }
            // The session ends first, so that whoever sends the request again does not take this one.
            if outcome.sessionLost { lose(outcome) }
            request?.reply.failed(outcome)
        }
    }

    private func fail(_ id: UInt64, _ outcome: Outcome) {
        state.withLock { $0.pending.remove(id) }?.reply.failed(outcome)
    }

    fileprivate func sessionLost(_ outcome: Outcome) {
        var outcome = outcome
        outcome.sessionLost = true
        lose(outcome)
    }

    // MARK: - The stream of what belongs to no request

    private func listen() {
        guard link.listens else { return }
        let (number, link, clock) = (number, link, clock)
        Task { [weak self] in
            var attempt = BackoffDelay(first: 1_000, ceiling: 60_000)
            while self?.server != nil {
                let outcome = await withCheckedContinuation { (done: CheckedContinuation<Outcome, Never>) in
                    link.listen(
                        number, context: self?.withHeaders(CallContext()) ?? CallContext(),
                        observer: ListenObserver(self) { done.resume(returning: $0) })
                }
                guard outcome.status != .unsupported, outcome.status != .cancelled, !outcome.sessionLost else { return }
                do { try await clock.sleep(attempt.next()) } catch { return }
                if outcome.status == .ok { attempt.reset() }
                if let self { self.events.reopened(self) }
            }
        }
    }
}

/// What a session's requests and streams hand to it.
private final class RequestObserver: BackendCallObserver {
    private let session: BackendSession
    private let id: UInt64
    init(_ session: BackendSession, id: UInt64) {
        self.session = session
        self.id = id
    }
    func received(_ message: [UInt8]) -> Flow {
        session.ingest(message, request: id)
        return .go
    }
    func progressed(_ text: String) {}
    func ended(_ outcome: Outcome, last: [UInt8]) { session.ended(id, outcome, last: last) }
}

private final class SessionObserver: BackendSessionObserver {
    private let session: BackendSession
    init(_ session: BackendSession) { self.session = session }
    func received(_ message: [UInt8]) -> Flow {
        session.ingest(message, request: nil)
        return .go
    }
    func lost(_ outcome: Outcome) { session.sessionLost(outcome) }
}

private final class ListenObserver: BackendCallObserver {
    private weak let session: BackendSession?
    private let done: @Sendable (Outcome) -> Void
    init(_ session: BackendSession?, done: @escaping @Sendable (Outcome) -> Void) {
        self.session = session
        self.done = done
    }
    func received(_ message: [UInt8]) -> Flow {
        guard let session else { return .stop }
        session.ingest(message, request: nil)
        return .go
    }
    func progressed(_ text: String) {}
    func ended(_ outcome: Outcome, last: [UInt8]) {
        if !last.isEmpty { session?.ingest(last, request: nil) }
        done(outcome)
    }
}

/// Waits for the end of a call and nothing else.
final class CompletionObserver: BackendCallObserver {
    private let done: @Sendable (Outcome) -> Void
    init(_ done: @escaping @Sendable (Outcome) -> Void) { self.done = done }
    func received(_ message: [UInt8]) -> Flow { .go }
    func progressed(_ text: String) {}
    func ended(_ outcome: Outcome, last: [UInt8]) { done(outcome) }
}

private final class ContinuationReply: BackendReply {
    private let continuation: CheckedContinuation<Result<JSONRPCMessage, Outcome>, Never>
    init(_ continuation: CheckedContinuation<Result<JSONRPCMessage, Outcome>, Never>) {
        self.continuation = continuation
    }
    func notified(_ notification: [UInt8]) {}
    func answered(_ response: JSONRPCMessage) { continuation.resume(returning: .success(response)) }
    func failed(_ outcome: Outcome) { continuation.resume(returning: .failure(outcome)) }
}
