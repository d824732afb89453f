import Synchronization

/// One MCP session of the gateway with one backend, over its link.
///
/// It is the MCP client: finds out what the backend speaks, makes its own ids and progress tokens, answers what the server
/// asks, and finds the request each answer belongs to. Messages pass as bytes; only id, token and, for 2026-07-28, `_meta`
/// are spliced.
package final class BackendSession: Sendable {
    /// The backend's name.
    package let backend: String
    /// The link's number of the session.
    package let number: UInt64
    /// Whether the backend may ask the client something.
    package let isInteractive: Bool

    /// On whose behalf it was opened and is ended; `nil` = the gateway's. Held as long as the session lives.
    let caller: (any CallerIdentity)?

    let link: any BackendLink
    let clock: GatewayClock
    let health: HealthMonitor
    let events: any BackendSessionEvents
    let identity: GatewayIdentity
    /// Whether it serves all clients when it turns out to keep nothing of any.
    let sharesModern: Bool
    /// Whether it is the one that reads the backend's lists.
    let isService: Bool
    let toolHeaders: ToolHeaders
    /// What is taken of what comes.
    let limits: BackendLimits
    let state: Mutex<BackendSessionState>
    let listener: BackendListener
    let modernListener: ModernListener

    init(
        backend: String, number: UInt64, shared: Bool, sharesModern: Bool = false, isInteractive: Bool = false,
        isService: Bool = false, identity: GatewayIdentity, toolHeaders: ToolHeaders,
        limits: BackendLimits = BackendLimits(), caller: (any CallerIdentity)? = nil, link: any BackendLink,
        clock: GatewayClock,
        health: HealthMonitor, events: any BackendSessionEvents
    ) {
        self.backend = backend
        self.number = number
        self.sharesModern = sharesModern
        self.isInteractive = isInteractive
        self.isService = isService
        self.identity = identity
        self.toolHeaders = toolHeaders
        self.limits = limits
        self.link = link
        self.clock = clock
        self.health = health
        self.caller = caller
        self.events = events
        state = Mutex(BackendSessionState(shared: shared, identity: identity))
        listener = BackendListener(link: link, clock: clock)
        modernListener = ModernListener(clock: clock)
    }

    /// Whether several clients use it.
    package var shared: Bool { state.withLock { $0.isShared } }

    /// Whether calls of clients are under way on it, or it is being opened.
    var isInUse: Bool { state.withLock { $0.isInUse } }

    /// What the backend said of itself; `nil` before it did and after the session ended.
    package var server: BackendServer? { state.withLock { $0.server } }

    // MARK: - Life

    /// Ends the session from our side: what waits fails, the transport is closed politely.
    package func close() { end(Outcome(.cancelled, message: "the session was closed")) }

    /// Whether it is over but for the requests under way.
    var isLeaving: Bool { state.withLock { $0.isLeaving } }

    /// The session is gone, as the link or a call of it said. Over HTTP one exchange says it with 404, and each of the others
    /// under way will say for itself whether its request ran.
    func lost(_ outcome: Outcome) {
        if end(outcome, leavesRequests: outcome.httpStatus == 404) { events.lost(self, outcome) }
    }

    /// Closes what is left of a session that was leaving, once its last request is over.
    func leaveIfDone() {
        guard state.withLock({ $0.hasLeft() }) else { return }
        closeLink()
        events.left(self)
    }

    func reopened() { events.reopened(self) }

    /// - Returns: False when the session was over before.
    @discardableResult
    func end(_ outcome: Outcome, leavesRequests: Bool = false) -> Bool {
        let (ended, wasLeaving, isLeaving) = state.withLock { state in
            let wasLeaving = state.isLeaving
            return (state.end(outcome, leavesRequests: leavesRequests), wasLeaving, state.isLeaving)
        }
        guard let ended else { return false }
        listener.stop()
        modernListener.stop()
        if isLeaving { return true }
        closeLink()
        for request in ended.requests {
            var outcome = ended.outcome
            outcome.notSent = request.isRefused
            request.reply.failed(outcome)
        }
        return !wasLeaving
    }

    /// Also when the session was lost: the link keeps what belongs to it until it is closed.
    private func closeLink() {
        link.close(number, context: CallContext(deadline: clock.now() + 5_000), observer: CompletionObserver())
    }

    // MARK: - Requests

    /// Sends a client's request: `splice` holds the edits that make it fit this backend; id and progress token are added.
    ///
    /// - Parameter origin: What the request says of the client; a backend with a handshake was told before.
    /// - Returns: The gateway's id of the request, for ``cancel(_:reason:)``; 0 when it failed at once.
    @discardableResult
    func forward(
        _ message: JSONRPCMessage, splice: JSONSplice, context: CallContext, origin: RequestOrigin,
        reply: any BackendReply
    ) -> UInt64 {
        if isModern { return forwardModern(message, splice: splice, context: context, origin: origin, reply: reply) }
        let token = RequestMeta.progressToken(in: message.params)?.array
        return start(reply, progressToken: token, context: context, isCall: true) { id in
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
            send(ContinuationReply(continuation), method: method, params: params, context: context)
        }
        return try result.get()
    }

    /// Sends a request of the gateway's own whose answer changes nothing; `params` is raw JSON.
    package func ask(method: String, params: [UInt8]) {
        send(IgnoredReply(), method: method, params: params, context: ownContext)
    }

    /// Sends a request of the gateway's own; `params` is raw JSON.
    /// - Parameters:
    ///   - origin: What a backend of 2026-07-28 is told of the client.
    ///   - sending: Told the id right before the request leaves.
    func send(
        _ reply: any BackendReply, method: String, params: [UInt8]?, context: CallContext,
        origin: RequestOrigin = .gateway, sending: (UInt64) -> Void = { _ in }
    ) {
        let isModern = isModern
        if isModern, subscribes(method, params, reply) { return }
        var context = context
        if isModern { context.headers += modernHeaders(method, params) }
        _ = start(reply, progressToken: nil, context: context) { id in
            sending(id)
            return JSONRPCWriter.request(
                id: String(id).utf8, method: method, params: isModern ? dialect.own(params, of: origin) : params)
        }
    }

    func start(
        _ reply: any BackendReply, progressToken: [UInt8]?, context: CallContext, isCall: Bool = false,
        message: (UInt64) -> [UInt8]
    ) -> UInt64 {
        let now = clock.now()
        let request = PendingRequests.Request(
            reply: reply, progressToken: progressToken, isCall: isCall, began: now, deadline: context.deadline,
            idle: context.idle, lastActivity: now)
        let id: UInt64
        do throws(Outcome) { id = try state.withLock { state throws(Outcome) in try state.add(request) } } catch {
            reply.failed(error)
            return 0
        }
        var context = withHeaders(context)
        // A backend that may ask the client something waits meanwhile: the sweep knows that, the link does not.
        if isInteractive { (context.idle, context.deadline) = (0, 0) }
        let call = link.send(
            number, JSONSplice.singleLine(message(id)), context: context, observer: RequestObserver(self, id: id))
        if state.withLock({ $0.pending.setCall(call, of: id) }) { link.cancel(call, reason: .byClient) }
        return id
    }

    /// Tells the backend that nobody waits for a request any more (`notifications/cancelled`) and forgets it.
    package func cancel(_ id: UInt64, reason: CancelReason) {
        guard let request = state.withLock({ $0.pending.cancel(id) }) else {
            state.withLock { $0.repeated[id] }?.cancel(reason: reason)
            return
        }
        tellCancelled(id, "the client cancelled the request")
        if request.call != 0 { link.cancel(request.call, reason: reason) }
        leaveIfDone()
    }

    /// Ends requests whose time is over; called now and then.
    /// - Parameter isAsking: The backend waits for an answer of a client.
    package func sweep(now: UInt64, isAsking: Bool = false) {
        for (id, request) in state.withLock({ $0.pending.overdue(now: now, isAsking: isAsking) }) {
            tellCancelled(id, "no answer in time")
            if request.call != 0 { link.cancel(request.call, reason: .deadline) }
            let outcome = Outcome(.timeout, message: request.lateness(now: now))
            if request.isCall { health.ended(outcome, from: .call, began: request.began) }
            request.reply.failed(outcome)
        }
        leaveIfDone()
    }

    func tellCancelled(_ id: UInt64, _ reason: String) {
        // Before the handshake is made only `initialize` is under way, which must not be cancelled (2025-03-26, Cancellation).
        guard let server else { return }
        // Over HTTP the closed response says it (2026-07-28, Cancellation).
        if server.isModern, link.traits.contains(.hasHeaders) { return }
        post(
            JSONRPCWriter.notification(
                method: "notifications/cancelled",
                params: Array("{\"requestId\":\(id),\"reason\":\"\(reason)\"}".utf8)))
    }

    /// Sees to it that log messages of this level arrive. A backend that refuses sends what it likes; clients get what
    /// they want all the same.
    package func wantLogs(at level: LogLevel) {
        guard let asked = state.withLock({ $0.want(level) }) else { return }
        ask(method: "logging/setLevel", params: Array("{\"level\":\"\(asked.rawValue)\"}".utf8))
    }

    /// Sends a message that expects no answer; that it could not be sent shows in the session's next request.
    func post(_ message: [UInt8]) {
        link.send(
            number, JSONSplice.singleLine(message), context: withHeaders(ownContext), observer: CompletionObserver())
    }

    private var ownContext: CallContext { CallContext(deadline: clock.now() + 30_000) }

    func withHeaders(_ context: CallContext) -> CallContext {
        guard link.traits.contains(.hasHeaders), let server else { return context }
        // A question of which era the server is names the other one itself.
        if context.headers.contains(where: { $0.name == "MCP-Protocol-Version" }) { return context }
        if case .handshake(let revision) = server.revision, !revision.hasVersionHeader { return context }
        var context = context
        context.headers.append(Header("MCP-Protocol-Version", server.revision.text))
        return context
    }
}
