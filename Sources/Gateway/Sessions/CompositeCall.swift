import Synchronization

/// A call of a composite tool by a client with a session: its steps go over that session's own sessions with backends.
final class CompositeCall: WorkflowCaller, OwnCall {
    private let request: JSONRPCMessage
    private let headers: [Header]
    let stream: any ClientStream
    private let owner: GatewaySession
    private let progressToken: JSONSlice?
    private let run = Mutex<(run: WorkflowRun?, isOver: Bool)>((nil, false))

    /// - Parameter headers: The client's headers that are handed on.
    init(_ request: JSONRPCMessage, headers: [Header], stream: any ClientStream, owner: GatewaySession) {
        self.request = request
        self.headers = headers
        self.stream = stream
        self.owner = owner
        progressToken = RequestMeta.progressToken(in: request.params)
    }

    func start(_ workflow: ResolvedWorkflow, arguments: JSONSlice, engine: WorkflowEngine) {
        let started = engine.start(
            workflow, arguments: arguments, request: request, principal: owner.principal, caller: self
        ) { [self] answer in
            if let answer { finish(answer) }
        }
        guard let started else { return finish(WorkflowEngine.refusal(workflow)) }
        let isOver = run.withLock { run in
            if !run.isOver { run.run = started }
            return run.isOver
        }
        // Cancelled before it was known; a run that is over takes no notice.
        if isOver { started.cancel() }
    }

    private func finish(_ answer: WorkflowAnswer) {
        guard take() != nil else { return }
        owner.finished(self, id: request.id)
        stream.finish(JSONRPCWriter.result(id: request.id?.array ?? [], answer.result))
    }

    /// The client wants no answer any more (`notifications/cancelled`).
    func cancel() {
        guard let run = take() else { return }
        owner.finished(self, id: request.id)
        run.run?.cancel()
        stream.cancelled()
    }

    /// The client's session has ended.
    func abandon() {
        guard let run = take() else { return }
        run.run?.cancel()
        stream.close()
    }

    /// - Returns: The run, for the one who ends the call; `nil` when it was over before.
    private func take() -> (run: WorkflowRun?, Void)? {
        run.withLock { run in
            guard !run.isOver else { return nil }
            defer { run = (nil, true) }
            return (run.run, ())
        }
    }

    // MARK: - WorkflowCaller

    func call(
        _ call: ResolvedWorkflow.Call, arguments: [UInt8],
        done: @escaping @Sendable (Result<JSONRPCMessage, StepFailure>) -> Void
    ) -> any WorkflowWork {
        let reply = StepReply(done: done)
        do throws(JSONRPCMessage.Malformed) {
            let step = ForwardedCall(
                try StepRequest.message(call.tool, arguments: arguments), backend: call.tool.backend,
                splice: JSONSplice(), uris: call.uris, headers: headers, stream: StepStream(reply, of: stream),
                owner: owner)
            owner.begin(step)
            return step
        } catch {
            reply.failed("the arguments make no message: \(error)")
            return NoWork()
        }
    }

    func ask(
        _ message: String, schema: [UInt8], done: @escaping @Sendable (ElicitationAnswer) -> Void
    ) -> any WorkflowWork {
        owner.elicit(message, schema: schema, on: stream, done: done)
    }

    func progressed(_ count: Int, of total: Int, message: String) {
        guard let progressToken else { return }
        var params = Array("{\"progressToken\":".utf8) + progressToken.bytes
        params += Array(",\"progress\":\(count),\"total\":\(total)".utf8)
        if owner.revision > .v2024_11_05 { params += Array(",\"message\":".utf8) + JSONText.quote(message) }
        _ = stream.send(JSONRPCWriter.notification(method: "notifications/progress", params: params + Array("}".utf8)))
    }
}

extension ForwardedCall: WorkflowWork {}

/// Where the messages of a step go: its answer to the run, what its backend asks to the client of the call.
final class StepStream: ClientStream {
    private let reply: StepReply
    private let parent: any ClientStream

    init(_ reply: StepReply, of parent: any ClientStream) {
        self.reply = reply
        self.parent = parent
    }

    /// Progress of a step is nothing that the caller asked for.
    func send(_ message: [UInt8]) -> Flow {
        do throws(JSONRPCMessage.Malformed) {
            return try JSONRPCMessage(message).method == "notifications/progress" ? .go : parent.send(message)
        } catch {
            return .go
        }
    }

    func finish(_ response: [UInt8]) { reply.answered(response) }
    func close() { reply.failed("the client's session has ended") }
    func cancelled() {}
}
