import Synchronization

// What a composite tool asks a person, round for round (2026-07-28, Multi round-trip requests).
extension StatelessComposite: ParkedCall {
    /// What the client can be asked.
    var declared: InteractionSet {
        ClientCapabilities(request.params?["_meta"]?[ModernProtocol.capabilitiesKey]).interactions
    }

    func ask(
        _ message: String, schema: [UInt8], done: @escaping @Sendable (ElicitationAnswer) -> Void
    ) -> any WorkflowWork {
        guard declared.contains(.form) else {
            lacks(RequestFault.missing(.form).json)
            done(.none(reason: "the client did not declare elicitation"))
            return NoWork()
        }
        let params =
            Array("{\"mode\":\"form\",\"message\":".utf8) + JSONText.quote(message)
            + Array(",\"requestedSchema\":".utf8) + schema + Array("}".utf8)
        let json = JSONSlice(base: params, range: 0..<params.count)
        guard let input = InputRequest(method: "elicitation/create", params: json) else { return NoWork() }
        return put(input, done: done)
    }

    /// Puts a question into the next input-required answer: of the composite tool, or of a backend that a step has called.
    func put(_ input: InputRequest, done: @escaping @Sendable (ElicitationAnswer) -> Void) -> any WorkflowWork {
        do throws(Outcome) { try enter() } catch {
            done(.none(reason: error.message))
            return NoWork()
        }
        let (asked, id) = state.withLock { state -> (CallRounds.Asked, [UInt8]) in
            state.asked += 1
            let id = Array(String(state.asked).utf8)
            state.questions[id] = done
            return (state.rounds.ask(input, id: id), id)
        }
        if case .gather = asked { gather() }
        if case .full = asked {
            // Unless the call was cancelled meanwhile, and the step with it.
            if state.withLock({ $0.questions.removeValue(forKey: id) }) != nil {
                done(.none(reason: InteractionLimits.tooManyQuestions))
            }
            return NoWork()
        }
        return CompositeQuestion(id, of: self)
    }

    /// Makes the call one that retries and the clock find.
    private func enter() throws(Outcome) {
        if state.withLock({ $0.place }) != nil { return }
        let number = try gateway.parked.enter(self, of: principal)
        let isTaken = state.withLock { state in
            guard state.place == nil, !state.rounds.isOver else { return false }
            state.place = number
            return true
        }
        if !isTaken { gateway.parked.leave(number) }
    }

    /// Waits for what other steps may ask at the same time, and parks the call.
    private func gather() {
        Task { [self] in
            do { try await gateway.clock.sleep(gateway.interactions.gatherTime) } catch { return }
            park()
        }
    }

    private func park() {
        let (limits, now) = (gateway.interactions, gateway.clock.now())
        let parked = state.withLock { state -> (CompositeRound, [CallRounds.Question], Int, UInt64)? in
            guard let client = state.client, let place = state.place,
                let questions = state.rounds.park(until: now + limits.answerTime)
            else { return nil }
            state.client = nil
            return (client, questions, state.rounds.round, place)
        }
        guard let (client, questions, round, place) = parked else { return }
        let requests = questions.map { (key: $0.key, json: $0.request.json) }
        let binding = SealedState.Binding(
            principal: principal, method: request.method, params: ParamsDigest.of(request.params))
        let sealed = gateway.seal.seal(
            SealedState(
                purpose: .parked(instance: gateway.parked.instance, call: place), binding: binding, round: round,
                expiry: gateway.seal.time() + limits.answerTime))
        client.stream.finish(
            gateway.stamp.answer(askingFor: JSONRPCWriter.object(requests), state: sealed, id: client.id), code: nil)
    }

    // MARK: - ParkedCall

    var isAsking: Bool { state.withLock { !$0.rounds.questions.isEmpty } }

    func resume(
        _ request: JSONRPCMessage, id: JSONSlice, level: LogLevel?, stream: any StatelessStream, round: Int,
        _ responses: InputResponses
    ) throws(RequestFault) -> any StatelessExchange {
        let client = CompositeRound(request, id: id, stream: stream, call: self)
        let (attached, answers, left) = try state.withLock { state throws(RequestFault) in
            let attached = try state.rounds.attach(round: round, responses)
            let answers = attached.answers.compactMap { answer in
                state.questions.removeValue(forKey: answer.id).map { (done: $0, result: answer.result) }
            }
            guard attached.end == nil else { return (attached, answers, state.takePlace()) }
            state.client = client
            return (attached, answers, nil)
        }
        left.map(gateway.parked.leave)
        if case .answer(let message)? = attached.end {
            deliver(message, to: client)
            return client
        }
        for answer in answers { answer.done(.result(answer.result)) }
        if attached.gathers { gather() }
        return client
    }

    func withdraw(_ id: [UInt8]) {
        state.withLock { state in
            state.rounds.withdraw(id)
            state.questions[id] = nil
        }
    }

    func expire(now: UInt64) {
        let isExpired = state.withLock { state in
            if case .some = state.rounds.expire(now: now) { true } else { false }
        }
        if isExpired { leave() }
    }

    func abandon(_ reason: String) { stop() }
}

/// A question that waits for its answer.
private final class CompositeQuestion: WorkflowWork {
    private let id: [UInt8]
    private let call: StatelessComposite

    init(_ id: [UInt8], of call: StatelessComposite) { (self.id, self.call) = (id, call) }

    func cancel() { call.withdraw(id) }
}
