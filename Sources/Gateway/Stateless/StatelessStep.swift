import Synchronization

/// The call of a step's tool without a session.
///
/// What lies behind takes it for a client like any other. Where it is answered that input is required, it has the client of the
/// composite tool asked, whatever the backend's revision, and sends its request again with the answers (2026-07-28, Multi
/// round-trip requests).
final class StatelessStep: WorkflowWork {
    private struct State {
        /// The call under way, also while it is parked.
        var call: StatelessCall?
        /// What the backend needs first; `nil` as long as it needs nothing.
        var needed: NeededInput?
        /// The questions of the round that is answered now.
        var questions: [any WorkflowWork] = []
        var isOver = false
    }

    private let tool: Catalog.Tool
    private let uris: BackendURIs?
    private let arguments: [UInt8]
    private let composite: StatelessComposite
    private let reply: StepReply
    private let state = Mutex(State())

    /// - Parameter arguments: Raw JSON, an object.
    init(_ call: ResolvedWorkflow.Call, arguments: [UInt8], of composite: StatelessComposite, reply: StepReply) {
        (tool, uris) = (call.tool, call.uris)
        self.arguments = arguments
        self.composite = composite
        self.reply = reply
    }

    func start() { send() }

    /// Sends the request, with what answers the questions of the round before.
    private func send() {
        let (retry, isOver) = state.withLock { ($0.needed?.retry, $0.isOver) }
        if isOver { return }
        // What a step can hand on and nothing else: it cannot wait for a task.
        var own = [(key: ModernProtocol.capabilitiesKey, json: composite.declared.json)]
        if let client = composite.request.params?["_meta"]?[ModernProtocol.clientInfoKey] {
            own.append((ModernProtocol.clientInfoKey, client.array))
        }
        let message: JSONRPCMessage
        do throws(JSONRPCMessage.Malformed) {
            message = try StepRequest.message(tool, arguments: arguments, meta: own, retry: retry)
        } catch {
            return end { $0.failed("the arguments make no message: \(error)") }
        }
        guard let id = message.id else { return }
        let request = StatelessRequest(
            message, id: id, method: .callTool, level: composite.level, headers: composite.headers,
            principal: composite.principal, stream: self)
        do throws(RequestFault) {
            let retry = try composite.host.retry(message, composite.principal)
            if try composite.host.resume(request, retry) != nil { return }
            let call = try composite.host.forward(
                request, to: tool.backend, JSONSplice(), uris: uris, retry: retry
            ).call
            let isOver = state.withLock { state in
                if !state.isOver { state.call = call }
                return state.isOver
            }
            // Cancelled before it was known; a call that has its answer takes no notice.
            if isOver { call.stop(Self.unwanted) }
        } catch {
            end { $0.answered(JSONRPCWriter.error(id: id.bytes, raw: error.json)) }
        }
    }

    private static let unwanted = "the composite tool does not wait for the call any more"

    func cancel() {
        let (call, questions) = take { ($0.call, $0.questions) } ?? (nil, [])
        for question in questions { question.cancel() }
        // Also when it is parked, and nobody is attached to it.
        call?.stop(Self.unwanted)
    }

    private func end(_ tell: (StepReply) -> Void) {
        guard let questions = take({ $0.questions }) else { return }
        for question in questions { question.cancel() }
        tell(reply)
    }

    /// - Returns: `nil` when it was over before.
    private func take<Part>(_ part: (State) -> Part) -> Part? {
        state.withLock { state in
            if state.isOver { return nil }
            let taken = part(state)
            state = State(isOver: true)
            return taken
        }
    }

    // MARK: - What the backend needs

    private func needs(_ result: JSONSlice) {
        let (limits, now) = (composite.gateway.interactions, composite.gateway.clock.now())
        let step = state.withLock { state in
            if state.isOver { return NeededInput.Step.wait }
            var needed = state.needed ?? NeededInput()
            let (step, _) = needed.needs(
                result, client: (askable: composite.declared, revision: .newest), limits: limits, now: now,
                id: SessionStore.makeID)
            (state.needed, state.questions) = (needed, [])
            return step
        }
        perform(step)
    }

    private func perform(_ step: NeededInput.Step) {
        switch step {
        case .wait: break
        case .ask(let questions): for question in questions { ask(question) }
        case .retry(after: 0): send()
        case .retry(let pause):
            let clock = composite.gateway.clock
            Task { [self] in
                do { try await clock.sleep(pause) } catch { return }
                send()
            }
        case .fail(let outcome):
            end {
                $0.answered(
                    FailureAnswer.answer(
                        id: Array("0".utf8), method: "tools/call", backend: tool.backend, outcome: outcome))
            }
        case .end(let error): end { $0.answered(JSONRPCWriter.error(id: Array("0".utf8), raw: error)) }
        }
    }

    private func ask(_ question: NeededInput.Question) {
        let params = question.params.map { JSONSlice(base: $0, range: 0..<$0.count) }
        guard let request = InputRequest(method: question.method, params: params) else { return }
        let work = composite.put(request) { [weak self] answer in self?.answered(question.key, answer) }
        let isOver = state.withLock { state in
            if !state.isOver { state.questions.append(work) }
            return state.isOver
        }
        if isOver { work.cancel() }
    }

    private func answered(_ key: String, _ answer: ElicitationAnswer) {
        let answer = Self.response(answer)
        perform(state.withLock { $0.isOver ? .wait : $0.needed?.answer(key, answer) ?? .wait })
    }

    private static func response(_ answer: ElicitationAnswer) -> ServerRequests.Answer {
        switch answer {
        case .none(let reason): return .none(reason: reason)
        case .result(let result):
            do throws(JSONRPCMessage.Malformed) {
                return .response(try JSONRPCMessage(JSONRPCWriter.result(id: "0".utf8, result.bytes)))
            } catch {
                return .none(reason: "the answer makes no message: \(error)")
            }
        }
    }
}

// Where the messages of the call go: its answer to the run, log messages to the client of the composite tool.
extension StatelessStep: StatelessStream {
    func send(_ message: [UInt8]) -> Flow {
        do throws(JSONRPCMessage.Malformed) {
            return try JSONRPCMessage(message).method == "notifications/message" ? composite.told(message) : .go
        } catch {
            return .go
        }
    }

    func finish(_ response: [UInt8], code: Int?) {
        do throws(JSONRPCMessage.Malformed) {
            let message = try JSONRPCMessage(response)
            if let result = message.result, result["resultType"]?.string == "input_required" { return needs(result) }
            if code == ModernProtocol.missingCapability, let error = message.error { composite.lacks(error.array) }
        } catch {
            return end { $0.failed("the answer is no JSON-RPC message: \(error)") }
        }
        end { $0.answered(response) }
    }
}
