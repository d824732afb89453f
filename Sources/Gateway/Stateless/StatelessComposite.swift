import Synchronization

/// A call of a composite tool without a session: its steps are calls without sessions of the same principal.
///
/// Where it asks a person, its client gets an input-required answer and comes back with a retry, as with any other call:
/// the run goes on meanwhile, and what it comes to is kept for the retry.
final class StatelessComposite: Sendable {
    struct State {
        var run: WorkflowRun?
        var rounds = CallRounds()
        /// Who waits for the answer; `nil` while the call is parked and when it is over.
        var client: CompositeRound?
        /// Its number among ``ParkedCalls``, from the first question on.
        var place: UInt64?
        /// Who waits for the answer to each question, by the number that ``CallRounds`` knows it by.
        var questions: [[UInt8]: @Sendable (ElicitationAnswer) -> Void] = [:]
        var asked = 0
        /// The raw error of what was not done because the client did not declare something.
        var lack: [UInt8]?
    }

    let request: JSONRPCMessage
    let level: LogLevel?
    let headers: [Header]
    let principal: Principal
    let host: any StatelessHost
    let state = Mutex(State())

    var gateway: StatelessState { host.stateless }

    /// - Parameter headers: The client's headers that are handed on.
    init(
        _ request: JSONRPCMessage, level: LogLevel?, headers: [Header], principal: Principal, host: any StatelessHost
    ) {
        self.request = request
        self.level = level
        self.headers = headers
        self.principal = principal
        self.host = host
    }

    func start(_ workflow: ResolvedWorkflow, arguments: JSONSlice, for client: CompositeRound) {
        state.withLock { $0.client = client }
        let started = host.workflows.start(
            workflow, arguments: arguments, request: request, principal: principal, caller: self
        ) { [self] answer in
            if let answer { ended(answer) }
        }
        guard let started else { return ended(WorkflowEngine.refusal(workflow)) }
        let isOver = state.withLock { state in
            if !state.rounds.isOver { state.run = started }
            return state.rounds.isOver
        }
        // Cancelled before it was known; a run that is over takes no notice.
        if isOver { started.cancel() }
    }

    // MARK: - The end

    private func ended(_ answer: WorkflowAnswer) {
        do throws(JSONRPCMessage.Malformed) {
            // The id is that of the request that gets it.
            let message = try JSONRPCMessage(JSONRPCWriter.result(id: "0".utf8, answer.result))
            let (ended, client, place) = state.withLock { state in
                let ended = state.rounds.end(.answer(message))
                guard ended == .deliver else { return (ended, nil as CompositeRound?, nil as UInt64?) }
                return (ended, state.client, state.takePlace())
            }
            if ended == .deliver, let client {
                place.map(gateway.parked.leave)
                deliver(message, to: client)
            }
        } catch {
            cancelRun()
        }
    }

    func deliver(_ message: JSONRPCMessage, to client: CompositeRound) {
        guard let result = message.result else { return }
        if result["isError"]?.bool == true, let lack = state.withLock({ $0.lack }) {
            return client.stream.finish(
                JSONRPCWriter.error(id: client.id.bytes, raw: lack), code: ModernProtocol.missingCapability)
        }
        var splice = JSONSplice()
        gateway.stamp.stamp(result, .none, into: &splice)
        client.stream.finish(JSONRPCWriter.result(id: client.id.bytes, splice.apply(to: result)), code: nil)
    }

    /// The client closed the response of one of its requests: a cancellation, unless that has its answer.
    func cancel(_ client: CompositeRound) { stop { $0.client === client } }

    /// Ends the call without an answer.
    func stop(if condition: (State) -> Bool = { _ in true }) {
        let stopped = state.withLock { state -> UInt64?? in
            guard condition(state), state.rounds.stop() != nil else { return nil }
            return state.takePlace()
        }
        guard let place = stopped else { return }
        place.map(gateway.parked.leave)
        cancelRun()
    }

    /// The call is over, and its place with it.
    func leave() {
        state.withLock { $0.takePlace() }.map(gateway.parked.leave)
        cancelRun()
    }

    private func cancelRun() {
        let run = state.withLock { state in
            defer { (state.run, state.questions) = (nil, [:]) }
            return state.run
        }
        run?.cancel()
    }
}

extension StatelessComposite.State {
    /// Nobody waits any more, and no retry will come.
    mutating func takePlace() -> UInt64? {
        defer { (client, place) = (nil, nil) }
        return place
    }
}

/// One request of a client for a composite tool: the first of a call, or a retry that brings answers.
final class CompositeRound: StatelessExchange {
    let id: JSONSlice
    let stream: any StatelessStream
    /// Raw; a retry has one of its own.
    let progressToken: JSONSlice?
    private let call: StatelessComposite

    init(_ request: JSONRPCMessage, id: JSONSlice, stream: any StatelessStream, call: StatelessComposite) {
        self.id = id
        self.stream = stream
        self.call = call
        progressToken = RequestMeta.progressToken(in: request.params)
    }

    func cancel() { call.cancel(self) }
    func drain() {}
}
