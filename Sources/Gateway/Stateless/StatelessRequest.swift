/// A request without a session that goes to a backend: of a client, or of a step of a composite tool.
struct StatelessRequest {
    let message: JSONRPCMessage
    let id: JSONSlice
    let method: StatelessMethod
    /// The lowest level of log messages that is wanted; `nil` = none at all.
    let level: LogLevel?
    /// The client's headers that are handed on.
    let headers: [Header]
    let principal: Principal
    let stream: any StatelessStream

    init(
        _ message: JSONRPCMessage, id: JSONSlice, method: StatelessMethod, level: LogLevel?, headers: [Header],
        principal: Principal, stream: any StatelessStream
    ) {
        self.message = message
        self.id = id
        self.method = method
        self.level = level
        self.headers = headers
        self.principal = principal
        self.stream = stream
    }
}

/// What a retry brings.
struct Retry {
    let state: SealedState
    let responses: InputResponses

    /// Why the call is not sent again: the backend asked for the user, and the user does not want to.
    var refusal: Outcome? {
        guard state.purpose == .again else { return nil }
        let isRefused = responses.results.values.contains { ["decline", "cancel"].contains($0["action"]?.string) }
        return isRefused
            ? Outcome(.cancelled, notSent: true, message: "the user did not open what the backend asks to be opened")
            : nil
    }
}
