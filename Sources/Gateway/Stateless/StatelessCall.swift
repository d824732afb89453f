import Synchronization

/// One request without a session on its way through a backend that has sessions, from routing to the answer.
///
/// When the backend has lost its session and the request certainly did not run, it is sent once more over a new one.
final class StatelessCall: BackendReply, StatelessExchange {
    private struct State {
        var lease: BackendLease?
        /// Our id of the request on its backend session; 0 = not sent.
        var number: UInt64 = 0
        var attempts = 0
        var isOver = false
    }

    private let request: JSONRPCMessage
    private let id: JSONSlice
    private let method: StatelessMethod
    private let backend: Backend
    private let splice: JSONSplice
    private let headers: [Header]
    private let principal: Principal
    /// The lowest level of log messages that the client wants; `nil` = none at all.
    private let level: LogLevel?
    private let stream: any StatelessStream
    private let gateway: StatelessState
    private let state = Mutex(State())

    /// - Parameters:
    ///   - splice: The edits that make the request fit the backend.
    ///   - headers: The client's headers that are handed on.
    init(
        _ request: JSONRPCMessage, id: JSONSlice, method: StatelessMethod, backend: Backend, splice: JSONSplice,
        headers: [Header], principal: Principal, level: LogLevel?, stream: any StatelessStream, gateway: StatelessState
    ) {
        self.request = request
        self.id = id
        self.method = method
        self.backend = backend
        self.splice = splice
        self.headers = headers
        self.principal = principal
        self.level = level
        self.stream = stream
        self.gateway = gateway
    }

    /// What the request says of its client.
    private var origin: RequestOrigin {
        let meta = request.params?["_meta"]
        return RequestOrigin(
            clientInfo: meta?[ModernProtocol.clientInfoKey],
            capabilities: ClientCapabilities(meta?[ModernProtocol.capabilitiesKey]), logLevel: level)
    }

    func start() {
        if let both = headers.first(where: { backend.descriptor.staticHeaders.contains($0.name) }) {
            let text = "header \"\(both.name)\" is both passed through and set by headerForward; remove one of them"
            return fail(Outcome(.invalid, notSent: true, message: text))
        }
        gateway.pool.lease(principal, backend) { [self] result in
            switch result {
            case .success(let lease): send(over: lease)
            case .failure(let outcome): fail(outcome)
            }
        }
    }

    private func send(over lease: BackendLease) {
        let attempt = state.withLock { state -> Int? in
            guard !state.isOver else { return nil }
            state.lease = lease
            state.attempts += 1
            return state.attempts
        }
        guard let attempt else { return lease.end() }
        if method == .complete, lease.session.server?.offersCompletions == false {
            return finish(gateway.stamp.answer(noCompletionsTo: id), code: nil)
        }
        if let level { lease.wantLogs(at: level) }
        let (now, timeout) = (backend.clock.now(), backend.descriptor.timeout)
        let context = CallContext(deadline: now + max(timeout * 10, 600_000), idle: timeout, headers: headers)
        let number = lease.session.forward(
            request, splice: splice, context: context, origin: origin, reply: self)
        let isCancelled = state.withLock { state in
            // It may have failed and been sent again by now.
            if state.attempts == attempt { state.number = number }
            return state.isOver
        }
        // Cancelled between the two locks: the backend has it, and must hear of it. A request that is answered is unknown.
        if isCancelled { lease.session.cancel(number, reason: .byClient) }
    }

    // MARK: - StatelessExchange

    func cancel() {
        guard let (lease, number) = end() else { return }
        if number != 0 { lease?.session.cancel(number, reason: .byClient) }
    }

    func drain() {}

    // MARK: - BackendReply

    func notified(_ notification: [UInt8], level: LogLevel?) {
        if wants(notification, level) { _ = stream.send(notification) }
    }

    /// Progress was asked for by its token; log messages only by a level, and then those of an unknown one are none.
    private func wants(_ notification: [UInt8], _ level: LogLevel?) -> Bool {
        if state.withLock({ $0.isOver }) { return false }
        if let level { return self.level.map { level >= $0 } ?? false }
        do throws(JSONRPCMessage.Malformed) {
            return try JSONRPCMessage(notification).method == "notifications/progress"
        } catch {
            return false
        }
    }

    /// Nothing was declared to the backend that it could ask for.
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { false }

    func answered(_ response: JSONRPCMessage) {
        if let error = response.error {
            finish(RequestFault(translating: error, of: request))
        } else if let number = response.id, let result = response.result, result.kind == .object {
            var splice = JSONSplice()
            splice.replace(number.range, with: id.array)
            gateway.stamp.stamp(result, method.caching, into: &splice)
            finish(splice.apply(to: response.json), code: nil)
        } else {
            fail(Outcome(.protocolError, message: "answered with a result that is not an object"))
        }
    }

    func failed(_ outcome: Outcome) {
        let lease = state.withLock { state -> BackendLease? in
            guard state.attempts == 1, !state.isOver, outcome.sessionLost, outcome.notSent else { return nil }
            defer { (state.lease, state.number) = (nil, 0) }
            return state.lease
        }
        guard let lease else { return fail(outcome) }
        lease.end()
        start()
    }

    // MARK: - The end

    private func fail(_ outcome: Outcome) {
        let answer = FailureAnswer.answer(
            id: id.array, method: request.method, backend: backend.descriptor.name, outcome: outcome)
        do throws(JSONRPCMessage.Malformed) {
            let message = try JSONRPCMessage(answer)
            guard let result = message.result else {
                return finish(answer, code: message.error?["code"]?.integer)
            }
            var splice = JSONSplice()
            gateway.stamp.stamp(result, .none, into: &splice)
            finish(splice.apply(to: message.json), code: nil)
        } catch {
            finish(RequestFault(code: -32603, message: "Internal error"))
        }
    }

    private func finish(_ fault: RequestFault) {
        finish(JSONRPCWriter.error(id: id.bytes, raw: fault.json), code: fault.code)
    }

    private func finish(_ response: [UInt8], code: Int?) {
        if end() != nil { stream.finish(response, code: code) }
    }

    /// - Returns: Where it ran; `nil` when it was over before.
    private func end() -> (BackendLease?, UInt64)? {
        let place = state.withLock { state -> (BackendLease?, UInt64)? in
            guard !state.isOver else { return nil }
            state.isOver = true
            return (state.lease, state.number)
        }
        place?.0?.end()
        return place
    }
}
