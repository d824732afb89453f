import Synchronization

/// One request of a client on its way through a backend, from routing to the answer.
///
/// When the backend has lost its session and the request certainly did not run, it is sent once more over a new one.
final class ForwardedCall: BackendReply {
    struct State {
        /// Where it runs, for cancelling.
        var place: (session: BackendSession, id: UInt64)?
        var retries = CallRetries()
        /// Whether the client was told something in the course of the call, or asked.
        var wasHeard = false
        /// Whether it runs at a backend of 2026-07-28; only such answer with kinds of results.
        var isModern = false
        var isOver = false
        /// What the backend needs of the client first; `nil` as long as it needs nothing.
        var needed: NeededInput?
        /// The ids of requests to the client that have no answer yet.
        var asked: Set<String> = []
        /// Its place among the calls of its backend, until it is over.
        var admission: Admission?
    }

    let request: JSONRPCMessage
    let backend: String
    private let splice: JSONSplice
    /// Those of the backend that are rewritten, if there are any.
    private let uris: BackendURIs?
    /// Of the ids of tasks, when it is about one.
    private let tasks: TaskTranslation?
    let headers: [Header]
    let stream: any ClientStream
    /// On whose behalf; held until the answer is there.
    let identity: (any CallerIdentity)?
    let owner: GatewaySession
    let state = Mutex(State())

    init(
        _ request: JSONRPCMessage, backend: String, splice: JSONSplice, uris: BackendURIs?, headers: [Header],
        stream: any ClientStream, owner: GatewaySession
    ) {
        self.request = request
        self.backend = backend
        self.splice = splice
        self.uris = uris
        let isOfTask =
            owner.offeredTasks.contains(.asked)
            && (request.method.hasPrefix("tasks/") || request.params?["task"] != nil)
        tasks = isOfTask ? owner.tasks(of: backend) : nil
        self.headers = headers
        self.stream = stream
        identity = owner.identity
        self.owner = owner
    }

    /// Takes its place among the calls of its backend.
    /// - Throws: Why there is no room for it.
    func enter(_ backend: Backend) throws(Outcome) {
        let admission = try Admission(to: backend)
        let isOver = state.withLock { state in
            if !state.isOver { state.admission = admission }
            return state.isOver
        }
        if isOver { admission.end(.cancelled) }
    }

    /// Sends it over `session`.
    func send(over session: BackendSession, context: CallContext) {
        let (isOver, retry) = state.withLock { state in
            state.isModern = session.isModern
            return (state.isOver, state.needed?.retry)
        }
        if isOver { return }
        var (context, splice) = (context, splice)
        context.headers += headers
        if let retry, let params = request.params {
            RetryParams.put(responses: retry.responses, state: retry.state, into: params, &splice)
        }
        let id = session.forward(request, splice: splice, context: context, origin: owner.origin, reply: self)
        let cancelled = state.withLock { state in
            state.place = (session, id)
            return state.isOver
        }
        // Cancelled between the two locks: the backend has it, and must hear of it.
        if cancelled { session.cancel(id, reason: .byClient) }
    }

    /// The client wants no answer any more (`notifications/cancelled`).
    func cancel() {
        giveUp()
        stream.cancelled()
    }

    /// The client's session has ended.
    func abandon() {
        giveUp()
        stream.close()
    }

    private func giveUp() {
        let (place, asked, admission) = state.withLock { state in
            state.isOver = true
            defer { (state.asked, state.admission) = ([], nil) }
            return (state.place, state.asked, state.admission)
        }
        admission?.end(.cancelled)
        withdraw(asked, "the call was cancelled")
        owner.finished(self)
        if let place { place.session.cancel(place.id, reason: .byClient) }
    }

    // MARK: - BackendReply

    func notified(_ notification: [UInt8], level: LogLevel?) {
        if let level, !owner.wants(level) { return }
        state.withLock { $0.wasHeard = true }
        _ = stream.send(tasks?.towardsClient(notification) ?? notification)
    }

    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool {
        state.withLock { $0.wasHeard = true }
        return owner.ask(request, by: session, on: stream)
    }

    func answered(_ response: JSONRPCMessage) {
        guard let client = request.id else { return }
        let own = uris?.towardsClient(response) ?? response
        let response = tasks?.towardsClient(own, to: request.method) ?? own
        if tasks != nil { owner.noteTask(in: response, to: self, own: own) }
        let isModern = state.withLock { $0.isModern }
        if isModern, let result = response.result, result["resultType"]?.string == "input_required" {
            return needs(result)
        }
        if response.error != nil { owner.refused(self) }
        if let id = response.id {
            var splice = JSONSplice()
            splice.replace(id.range, with: client.array)
            if isModern, let result = response.result { LegacyResult.adapt(result, into: &splice) }
            if isModern, let error = response.error, let code = error["code"],
                let other = LegacyResult.code(for: error, of: request.method)
            {
                splice.replace(code.range, with: Array(String(other).utf8))
            }
            finish(splice.apply(to: response.json))
        } else if let error = response.error {
            finish(JSONRPCWriter.error(id: client.bytes, raw: error.bytes))
        }
    }

    func failed(_ outcome: Outcome) {
        let limit = owner.host.backend(named: backend)?.descriptor.retries ?? 0
        let mayRepeat = limit > 0 && owner.host.catalog(for: owner.principal)?.mayRepeat(request) == true
        let pause = state.withLock { state -> UInt64? in
            guard !state.isOver else { return nil }
            let wasHeard = state.wasHeard || state.needed != nil
            return state.retries.pause(after: outcome, limit: limit, mayRepeat: mayRepeat && !wasHeard)
        }
        guard let pause else { return fail(outcome) }
        if pause == 0 { return owner.dispatch(self) }
        Task { [owner] in
            do { try await owner.host.clock.sleep(pause) } catch { return fail(outcome) }
            guard !state.withLock({ $0.isOver }) else { return }
            if let refusal = owner.host.backend(named: backend)?.refusal(of: headers) { return fail(refusal) }
            owner.dispatch(self)
        }
    }

    /// Tells the client that there is no answer, and why.
    func fail(_ outcome: Outcome) {
        finish(
            FailureAnswer.answer(
                id: request.id?.array ?? [], method: request.method, backend: backend, outcome: outcome), .failed)
    }

    /// Answers in the backend's stead.
    func answer(_ response: [UInt8]) { finish(response) }

    private func finish(_ response: [UInt8], _ kind: BackendLoad.End = .answered) {
        let end = state.withLock { state -> (asked: Set<String>, visits: [String], admission: Admission?)? in
            guard !state.isOver else { return nil }
            defer { (state.isOver, state.asked, state.admission) = (true, [], nil) }
            return (state.asked, state.needed?.finish() ?? [], state.admission)
        }
        guard let end else { return }
        end.admission?.end(kind)
        withdraw(end.asked, "the call is over")
        completed(end.visits)
        owner.finished(self)
        stream.finish(response)
    }
}
