import Synchronization

/// One call without a session on its way through a backend, from routing to the answer.
///
/// Its client asks for it once and, where the backend asks something itself, again with the answers: each of these requests
/// is a ``StatelessRound``, and between two of them the call is parked. When the backend has lost its session and the
/// request certainly did not run, it is sent once more over a new one.
final class StatelessCall: BackendReply {
    struct State {
        var lease: BackendLease?
        /// Whether it runs at a backend that speaks the client's own revision.
        var isModern = false
        /// Our id of the request on its backend session; 0 = not sent.
        var number: UInt64 = 0
        var attempts = 0
        var retries = CallRetries()
        /// Whether the client was told something in the course of the call.
        var wasHeard = false
        var rounds: CallRounds
        /// Who waits for the answer; `nil` while the call is parked and when it is over.
        var client: StatelessRound?
        /// Its place among the calls of its backend, until it is over.
        var admission: Admission?
        /// Its number among ``ParkedCalls``, from the backend's first question on.
        var place: UInt64?
        /// What was refused to the backend, for want of a capability.
        var refused: (missing: InteractionSet, code: Int, message: String)?
    }

    let request: JSONRPCMessage
    let method: StatelessMethod
    let backend: Backend
    let principal: Principal
    /// What the first request says of its client.
    let origin: RequestOrigin
    let gateway: StatelessState
    private let splice: JSONSplice
    private let uris: BackendURIs?
    private let tasks: TaskTranslation?
    private let headers: [Header]
    /// Whether a request may run twice.
    private let mayRepeat: @Sendable (JSONRPCMessage) -> Bool
    let state: Mutex<State>

    /// - Parameters:
    ///   - splice: The edits that make the request fit the backend.
    ///   - uris: Those of the backend that are rewritten, if there are any.
    ///   - tasks: Of the ids of tasks, when the client takes such.
    ///   - round: Input-required answers that came before.
    ///   - headers: The client's headers that are handed on.
    init(
        _ request: JSONRPCMessage, method: StatelessMethod, backend: Backend, splice: JSONSplice, uris: BackendURIs?,
        tasks: TaskTranslation? = nil, round: Int, headers: [Header], principal: Principal, origin: RequestOrigin,
        gateway: StatelessState, mayRepeat: @escaping @Sendable (JSONRPCMessage) -> Bool = { _ in false }
    ) {
        self.mayRepeat = mayRepeat
        self.request = request
        self.method = method
        self.backend = backend
        self.splice = splice
        self.uris = uris
        self.tasks = tasks
        self.headers = headers
        self.principal = principal
        self.origin = origin
        self.gateway = gateway
        state = Mutex(State(rounds: CallRounds(round: round)))
    }

    /// What the client can be asked in the course of the call.
    var interactions: InteractionSet { origin.capabilities.interactions }

    /// Begins it on behalf of the first request of its client.
    /// - Parameter refusal: Why it fails before it is sent.
    func start(_ client: StatelessRound, refusal: Outcome? = nil) {
        state.withLock { $0.client = client }
        if let refusal { return end(.failure(refusal)) }
        do throws(Outcome) {
            let admission = try Admission(to: backend)
            // The client may have gone meanwhile.
            let isOver = state.withLock { state in
                if !state.rounds.isOver { state.admission = admission }
                return state.rounds.isOver
            }
            if isOver { return admission.end(.cancelled) }
        } catch {
            return end(.failure(error))
        }
        if let refusal = backend.refusal(of: headers) { return end(.failure(refusal)) }
        lease()
    }

    private func lease() {
        gateway.pool.lease(principal, backend, interactions) { [self] result in
            switch result {
            case .success(let lease): send(over: lease)
            case .failure(let outcome): failed(outcome)
            }
        }
    }

    private func send(over lease: BackendLease) {
        let begun = state.withLock { state -> (attempt: Int, client: StatelessRound)? in
            guard !state.rounds.isOver, let client = state.client else { return nil }
            (state.lease, state.isModern) = (lease, lease.session.isModern)
            state.attempts += 1
            return (state.attempts, client)
        }
        guard let (attempt, client) = begun else { return lease.end() }
        if method == .complete, lease.session.server?.offersCompletions == false {
            return finish(gateway.stamp.answer(noCompletionsTo: client.id), code: nil)
        }
        if method.isOfTask, lease.session.server?.tasks.contains(.decided) != true {
            return finish(JSONRPCWriter.error(id: client.id.bytes, raw: RequestFault.unknownTask.json), code: -32602)
        }
        if let level = client.level { lease.wantLogs(at: level) }
        let descriptor = backend.descriptor
        let context = CallContext(
            deadline: backend.clock.now() + descriptor.longestCall, idle: descriptor.timeout,
            identity: principal.identity?.number ?? 0, headers: headers)
        let number = lease.session.forward(
            request, splice: splice, context: context, origin: origin, reply: self)
        let isOver = state.withLock { state in
            // It may have failed and been sent again by now.
            if state.attempts == attempt { state.number = number }
            return state.rounds.isOver
        }
        // Cancelled between the two locks: the backend has it, and must hear of it. A request that is answered is unknown.
        if isOver { lease.session.cancel(number, reason: .byClient) }
    }

    // MARK: - What comes from the backend

    func notified(_ notification: [UInt8], level: LogLevel?) {
        let client = state.withLock { state in
            state.wasHeard = true
            return state.client
        }
        guard let client else { return }
        // Log messages were asked for by a level, and then those of an unknown one are none.
        if let level {
            if let wanted = client.level, level >= wanted { _ = client.stream.send(notification) }
            return
        }
        guard let message = Self.progress(notification) else { return }
        // Progress carries the token of the first request.
        guard client.isRetry, let token = message.params?["progressToken"] else {
            _ = client.stream.send(notification)
            return
        }
        guard let own = client.progressToken else { return }
        var splice = JSONSplice()
        splice.replace(token.range, with: own.array)
        _ = client.stream.send(splice.apply(to: message.json))
    }

    private static func progress(_ notification: [UInt8]) -> JSONRPCMessage? {
        do throws(JSONRPCMessage.Malformed) {
            let message = try JSONRPCMessage(notification)
            return message.method == "notifications/progress" ? message : nil
        } catch {
            return nil
        }
    }

    func answered(_ response: JSONRPCMessage) {
        let response = uris?.towardsClient(response) ?? response
        end(.answer(tasks?.towardsClient(response, to: request.method) ?? response))
    }

    func failed(_ outcome: Outcome) {
        let limit = backend.descriptor.retries
        let mayRepeat = limit > 0 && self.mayRepeat(request)
        let again = state.withLock { state -> (pause: UInt64, lease: BackendLease?)? in
            guard !state.rounds.isOver, !state.rounds.hasAsked else { return nil }
            let pause = state.retries.pause(after: outcome, limit: limit, mayRepeat: mayRepeat && !state.wasHeard)
            guard let pause else { return nil }
            defer { (state.lease, state.number) = (nil, 0) }
            return (pause, state.lease)
        }
        guard let again else { return end(.failure(outcome)) }
        again.lease?.end()
        if again.pause == 0 { return lease() }
        Task { [self] in
            do { try await backend.clock.sleep(again.pause) } catch { return end(.failure(outcome)) }
            guard !state.withLock({ $0.rounds.isOver }) else { return }
            if let refusal = backend.refusal(of: headers) { end(.failure(refusal)) } else { lease() }
        }
    }

    // MARK: - The end

    /// The backend has ended the call, or could not be reached: the client is told, now or when it comes back.
    private func end(_ end: CallRounds.End) {
        let (step, client, left) = state.withLock { state in
            let step = state.rounds.end(end)
            let client = state.client
            if step == .deliver { state.client = nil }
            return (step, client, step == .over ? nil : state.takePlace(keepingRetry: step == .kept))
        }
        if case .failure = end { left?.free(gateway, .failed) } else { left?.free(gateway, .answered) }
        if step == .deliver, let client { deliver(end, to: client) }
    }

    func finish(_ response: [UInt8], code: Int?) {
        let ended = state.withLock { state -> (StatelessRound?, Place)? in
            guard state.rounds.stop() != nil else { return nil }
            defer { state.client = nil }
            return (state.client, state.takePlace())
        }
        guard let (client, place) = ended else { return }
        place.free(gateway, .answered)
        client?.stream.finish(response, code: code)
    }
}

extension StatelessCall {
    /// What a call holds: its use of a backend session, its request there, and its number among parked calls.
    struct Place {
        let lease: BackendLease?
        let number: UInt64
        fileprivate let parked: UInt64?
        fileprivate let admission: Admission?

        func free(_ gateway: StatelessState, _ end: BackendLoad.End = .cancelled) {
            admission?.end(end)
            lease?.end()
            if let parked { gateway.parked.leave(parked) }
        }
    }
}

extension StatelessCall.State {
    /// Takes what the call holds, which is freed outside the lock.
    /// - Parameter keepingRetry: Its client may still come back.
    mutating func takePlace(keepingRetry: Bool = false) -> StatelessCall.Place {
        defer {
            (lease, number, admission) = (nil, 0, nil)
            if !keepingRetry { place = nil }
        }
        return StatelessCall.Place(
            lease: lease, number: number, parked: keepingRetry ? nil : place, admission: admission)
    }
}
