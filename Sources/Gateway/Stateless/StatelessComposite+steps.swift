import Synchronization

// The steps of a composite tool, as calls without sessions.
extension StatelessComposite: WorkflowCaller {
    func call(
        _ tool: Catalog.Tool, arguments: [UInt8],
        done: @escaping @Sendable (Result<JSONRPCMessage, StepFailure>) -> Void
    ) -> any WorkflowWork {
        let reply = StepReply(done: done)
        guard let backend = host.backend(named: tool.backend) else {
            reply.failed("the backend is not part of the group any more")
            return NoWork()
        }
        do throws(JSONRPCMessage.Malformed) {
            let message = try StepRequest.message(tool, arguments: arguments)
            guard let id = message.id else { return NoWork() }
            // A step cannot hand a question of its backend on: nothing is declared that could be asked.
            let origin = RequestOrigin(
                clientInfo: request.params?["_meta"]?[ModernProtocol.clientInfoKey], capabilities: .none,
                logLevel: level)
            let call = StatelessCall(
                message, method: .callTool, backend: backend, splice: JSONSplice(), uris: nil, round: 0,
                headers: headers, principal: principal, origin: origin, gateway: gateway)
            let round = StatelessRound(
                message, id: id, level: level, stream: StatelessStepStream(reply, of: self), call: call)
            call.start(round)
            return round
        } catch {
            reply.failed("the arguments make no message: \(error)")
            return NoWork()
        }
    }

    func progressed(_ count: Int, of total: Int, message: String) {
        guard let client = state.withLock({ $0.client }), let token = client.progressToken else { return }
        var params = Array("{\"progressToken\":".utf8) + token.bytes
        params += Array(",\"progress\":\(count),\"total\":\(total),\"message\":".utf8) + JSONText.quote(message)
        let notification = JSONRPCWriter.notification(
            method: "notifications/progress", params: params + Array("}".utf8))
        _ = client.stream.send(notification)
    }

    /// A log message of a step's backend.
    fileprivate func told(_ message: [UInt8]) -> Flow {
        state.withLock { $0.client }?.stream.send(message) ?? .go
    }
}

extension StatelessRound: WorkflowWork {}

/// Where the messages of a step go: its answer to the run, log messages to the client of the call.
private final class StatelessStepStream: StatelessStream {
    private let reply: StepReply
    private let call: StatelessComposite

    init(_ reply: StepReply, of call: StatelessComposite) {
        (self.reply, self.call) = (reply, call)
    }

    func send(_ message: [UInt8]) -> Flow {
        do throws(JSONRPCMessage.Malformed) {
            return try JSONRPCMessage(message).method == "notifications/message" ? call.told(message) : .go
        } catch {
            return .go
        }
    }

    func finish(_ response: [UInt8], code: Int?) { reply.answered(response) }
}
