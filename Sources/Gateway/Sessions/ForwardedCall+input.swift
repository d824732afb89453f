import Synchronization

// What a backend of 2026-07-28 needs from the client before it serves the call (2026-07-28, Multi round-trip requests).
extension ForwardedCall {
    /// The backend answered that it needs input.
    func needs(_ result: JSONSlice) {
        let (limits, now) = (owner.host.interactions, owner.host.clock.now())
        let (step, completed) = state.withLock { state in
            if state.isOver { return (NeededInput.Step.wait, [String]()) }
            var needed = state.needed ?? NeededInput()
            defer { state.needed = needed }
            return needed.needs(
                result, client: (owner.askable, owner.revision), limits: limits, now: now, id: SessionStore.makeID)
        }
        self.completed(completed)
        perform(step)
    }

    private func perform(_ step: NeededInput.Step) {
        switch step {
        case .wait: break
        case .ask(let questions): for question in questions { ask(question) }
        case .retry(after: 0): again()
        case .retry(let pause):
            let clock = owner.host.clock
            Task { [self] in
                do { try await clock.sleep(pause) } catch { return }
                again()
            }
        case .fail(let outcome): fail(outcome)
        case .end(let error): answer(JSONRPCWriter.error(id: request.id?.array ?? [], raw: error))
        }
    }

    /// Sends the call once more, as an attempt of its own.
    private func again() {
        let isOver = state.withLock { state in
            (state.retries, state.place) = (CallRetries(), nil)
            return state.isOver
        }
        if !isOver { owner.dispatch(self) }
    }

    private func ask(_ question: NeededInput.Question) {
        if state.withLock({ $0.isOver }) { return }
        let reply: @Sendable (ServerRequests.Answer) -> Void = { [weak self] in self?.answered(question.key, $0) }
        let id = owner.ask(origin: nil, on: [stream], reply: reply) { id in
            JSONRPCWriter.request(id: JSONText.quote(id), method: question.method, params: question.params)
        }
        guard let id else { return answered(question.key, .none(reason: "the client cannot be reached")) }
        let isOver = state.withLock { state in
            if !state.isOver { state.asked.insert(id) }
            return state.isOver
        }
        if isOver { withdraw([id], "the call is over") }
    }

    private func answered(_ key: String, _ answer: ServerRequests.Answer) {
        let step = state.withLock { state in
            if case .response(let response) = answer, let id = response.id?.string { state.asked.remove(id) }
            return state.isOver ? .wait : state.needed?.answer(key, answer) ?? .wait
        }
        perform(step)
    }

    /// Takes requests back from the client.
    func withdraw(_ asked: Set<String>, _ reason: String) {
        for id in asked { owner.host.serverRequests.take(id, of: owner)?.withdraw(reason) }
    }

    /// Tells the client that what it opened URLs for is done (2025-11-25, Elicitation, Completion notifications).
    func completed(_ visits: [String]) {
        for id in visits {
            let params = JSONRPCWriter.object([("elicitationId", JSONText.quote(id))])
            _ = stream.send(JSONRPCWriter.notification(method: "notifications/elicitation/complete", params: params))
        }
    }
}
