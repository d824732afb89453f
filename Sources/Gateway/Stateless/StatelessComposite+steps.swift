import Synchronization

// The steps of a composite tool, as calls without sessions.
extension StatelessComposite: WorkflowCaller {
    func call(
        _ call: ResolvedWorkflow.Call, arguments: [UInt8],
        done: @escaping @Sendable (Result<JSONRPCMessage, StepFailure>) -> Void
    ) -> any WorkflowWork {
        let step = StatelessStep(call, arguments: arguments, of: self, reply: StepReply(done: done))
        step.start()
        return step
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
    func told(_ message: [UInt8]) -> Flow { state.withLock { $0.client }?.stream.send(message) ?? .go }

    /// A step failed because the client did not declare something.
    /// - Parameter error: What the client is told if that ends the call; raw.
    func lacks(_ error: [UInt8]) { state.withLock { $0.lack = error } }
}
