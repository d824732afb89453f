// Questions of the gateway's own to the client behind a session.
extension GatewaySession {
    /// Asks the person behind the client (`elicitation/create`, form mode), on the stream of the call that needs it.
    /// - Parameters:
    ///   - schema: Raw JSON, of the form.
    ///   - done: Called once, unless the question is cancelled before.
    func elicit(
        _ message: String, schema: [UInt8], on stream: any ClientStream,
        done: @escaping @Sendable (ElicitationAnswer) -> Void
    ) -> any WorkflowWork {
        guard askable.contains(.form) else {
            done(.none(reason: "the client did not declare elicitation"))
            return NoWork()
        }
        let params =
            Array("{\"message\":".utf8) + JSONText.quote(message) + Array(",\"requestedSchema\":".utf8) + schema
        let mode = revision >= .v2025_11_25 ? Array(",\"mode\":\"form\"}".utf8) : Array("}".utf8)
        let id = ask(
            origin: nil, on: [stream],
            reply: { answer in
                switch answer {
                case .none(let reason): done(.none(reason: reason))
                case .response(let response):
                    guard let result = response.result, result.kind == .object else {
                        return done(.none(reason: "the client answered with an error"))
                    }
                    done(.result(result))
                }
            }
        ) { id in
            JSONRPCWriter.request(id: JSONText.quote(id), method: "elicitation/create", params: params + mode)
        }
        guard let id else {
            done(.none(reason: "the client has no stream to be asked on"))
            return NoWork()
        }
        return Question(id, of: self)
    }
}

/// A question that waits for its answer.
private final class Question: WorkflowWork {
    private let id: String
    private let owner: GatewaySession

    init(_ id: String, of owner: GatewaySession) { (self.id, self.owner) = (id, owner) }

    func cancel() { owner.host.serverRequests.take(id, of: owner)?.withdraw("the answer is not wanted any more") }
}
