/// Carries out the work of one run, on behalf of whoever called the composite tool.
protocol WorkflowCaller: AnyObject, Sendable {
    /// Calls a tool of a backend.
    /// - Parameters:
    ///   - arguments: Raw JSON, an object.
    ///   - done: Called once with the JSON-RPC answer, or why there is none, at any time, also before the function returns; not after a cancellation.
    /// - Returns: The call, for cancelling.
    func call(
        _ call: ResolvedWorkflow.Call, arguments: [UInt8],
        done: @escaping @Sendable (Result<JSONRPCMessage, StepFailure>) -> Void
    ) -> any WorkflowWork

    /// Asks the person behind the client (`elicitation/create` in form mode).
    /// - Parameters:
    ///   - schema: Raw JSON, of the form.
    ///   - done: As in ``call(_:arguments:done:)``.
    func ask(
        _ message: String, schema: [UInt8], done: @escaping @Sendable (ElicitationAnswer) -> Void
    ) -> any WorkflowWork

    /// Tells that `count` of `total` steps are over.
    func progressed(_ count: Int, of total: Int, message: String)
}

/// Something under way that can be cancelled: it ends at its backend or client, and its `done` is not called any more.
protocol WorkflowWork: AnyObject, Sendable {
    func cancel()
}

/// What came of a question to a person.
enum ElicitationAnswer: Sendable {
    /// The client's result: `action`, and `content` with "accept".
    case result(JSONSlice)
    /// The client cannot be asked, or gave no answer, and why.
    case none(reason: String)
}
