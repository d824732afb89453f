import Synchronization

// What the backend asks in the course of a call, and what becomes of it.
extension StatelessCall {
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool {
        guard let id = request.id else { return false }
        guard let input = InputRequest(method: request.method, params: request.params) else {
            guard request.method == "elicitation/create" else { return false }
            let message = "Invalid params: \"mode\" must be \"form\" or \"url\""
            session.post(JSONRPCWriter.error(id: id.array, code: -32602, message: message))
            return true
        }
        if let refusal = input.refusal(declared: interactions) {
            state.withLock { $0.refused = refusal }
            session.post(JSONRPCWriter.error(id: id.array, code: refusal.code, message: refusal.message))
            return true
        }
        do throws(Outcome) { try enter(session) } catch {
            session.refuse(id.array, error.message)
            giveUp(error)
            return true
        }
        switch state.withLock({ $0.rounds.ask(input, id: id.array) }) {
        case .gather: gather()
        case .later: break
        case .over: session.refuse(id.array, "the call is over")
        case .full: session.refuse(id.array, InteractionLimits.tooManyQuestions)
        }
        return true
    }

    /// Makes the call one that retries and the clock find.
    private func enter(_ session: BackendSession) throws(Outcome) {
        if state.withLock({ $0.place }) != nil { return }
        let number = try gateway.parked.enter(self, of: principal, over: session)
        let isTaken = state.withLock { state in
            guard state.place == nil, !state.rounds.isOver else { return false }
            state.place = number
            return true
        }
        if !isTaken { gateway.parked.leave(number) }
    }

    /// Waits for what the backend may ask at the same time, and parks the call.
    private func gather() {
        let clock = gateway.clock
        Task { [self] in
            do { try await clock.sleep(gateway.interactions.gatherTime) } catch { return }
            park()
        }
    }

    private func park() {
        let (limits, now) = (gateway.interactions, gateway.clock.now())
        enum Step { case nothing, exhausted, ask(StatelessRound, [CallRounds.Question], Int, UInt64) }
        let step = state.withLock { state -> Step in
            if state.rounds.round >= limits.rounds, !state.rounds.questions.isEmpty { return .exhausted }
            guard let client = state.client, let place = state.place,
                let questions = state.rounds.park(until: now + limits.answerTime)
            else { return .nothing }
            state.client = nil
            return .ask(client, questions, state.rounds.round, place)
        }
        switch step {
        case .nothing: break
        case .exhausted: giveUp(tooManyRounds)
        case .ask(let client, let questions, let round, let place):
            let requests = questions.map { (key: $0.key, json: $0.request.json) }
            let state = seal(.parked(instance: gateway.parked.instance, call: place), round: round)
            client.stream.finish(
                gateway.stamp.answer(askingFor: JSONRPCWriter.object(requests), state: state, id: client.id), code: nil)
        }
    }

    var tooManyRounds: Outcome {
        .tooManyRounds(limit: gateway.interactions.rounds)
    }

    func seal(_ purpose: SealedState.Purpose, round: Int) -> [UInt8] {
        let binding = SealedState.Binding(
            principal: principal, method: request.method, params: ParamsDigest.of(request.params))
        return gateway.seal.seal(
            SealedState(
                purpose: purpose, binding: binding, round: round,
                expiry: gateway.seal.time() + gateway.interactions.answerTime))
    }

    // MARK: - Retries

    /// Goes on with a retry of the client.
    /// - Throws: When it cannot; the call waits on as it was.
    func resume(_ client: StatelessRound, round: Int, _ responses: InputResponses) throws(RequestFault) {
        let (attached, lease, left) = try state.withLock { state throws(RequestFault) in
            let attached = try state.rounds.attach(round: round, responses)
            guard attached.end == nil else { return (attached, state.lease, state.takePlace() as Place?) }
            state.client = client
            return (attached, state.lease, nil)
        }
        left?.free(gateway)
        if let end = attached.end { return deliver(end, to: client) }
        if let level = client.level { lease?.wantLogs(at: level) }
        for answer in attached.answers {
            lease?.session.post(JSONRPCWriter.result(id: answer.id, answer.result.bytes))
        }
        if attached.gathers { gather() }
    }

    // MARK: - Ends that are not the backend's

    /// The client closed the response of one of its requests: a cancellation, unless that has its answer.
    func cancel(_ client: StatelessRound) { stop("the client cancelled the request") { $0.client === client } }

    /// Ends the call without an answer.
    /// - Parameter condition: Looked at in the same step.
    func stop(_ reason: String, if condition: (State) -> Bool = { _ in true }) {
        let stopped = state.withLock { state -> (questions: [CallRounds.Question], place: Place)? in
            guard condition(state), let questions = state.rounds.stop() else { return nil }
            state.client = nil
            return (questions, state.takePlace())
        }
        if let stopped { release(stopped.place, stopped.questions, reason) }
    }

    /// Ends a call whose client has not come back in time.
    func expire(now: UInt64) {
        let expired = state.withLock { state in
            state.rounds.expire(now: now).map { (questions: $0, place: state.takePlace()) }
        }
        if let expired { release(expired.place, expired.questions, "the client gave no answer in time") }
    }

    /// Ends the call with a failure of the gateway's own.
    private func giveUp(_ outcome: Outcome) {
        let ended = state.withLock { state -> (client: StatelessRound?, [CallRounds.Question], Place)? in
            guard let questions = state.rounds.stop() else { return nil }
            defer { state.client = nil }
            return (state.client, questions, state.takePlace())
        }
        guard let (client, questions, place) = ended else { return }
        release(place, questions, outcome.message)
        if let client { deliver(.failure(outcome), to: client) }
    }

    /// Tells the backend that there will be no answers and that nobody waits for its own.
    private func release(_ place: Place, _ questions: [CallRounds.Question], _ reason: String) {
        if let session = place.lease?.session {
            for question in questions { session.refuse(question.backendID, reason) }
            if place.number != 0 { session.cancel(place.number, reason: .byClient) }
        }
        place.free(gateway)
    }

    /// The backend takes a question back.
    func withdraw(_ id: [UInt8]) { state.withLock { $0.rounds.withdraw(id) } }

    /// Whether the backend waits for an answer.
    var isAsking: Bool { state.withLock { !$0.rounds.questions.isEmpty } }
}

extension BackendSession {
    /// Tells the backend that something it asked will have no answer.
    func refuse(_ id: [UInt8], _ reason: String) {
        post(JSONRPCWriter.error(id: id, code: -32603, message: reason))
    }
}
