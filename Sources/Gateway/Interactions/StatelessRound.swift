/// One request of a client without a session: the first of a call, or a retry that brings answers.
final class StatelessRound: StatelessExchange {
    let id: JSONSlice
    let stream: any StatelessStream
    /// Raw; a retry has one of its own.
    let progressToken: JSONSlice?
    /// The lowest level of log messages that the client wants; `nil` = none at all.
    let level: LogLevel?
    /// Whether the call was begun by another request.
    let isRetry: Bool
    let call: StatelessCall

    init(
        _ request: JSONRPCMessage, id: JSONSlice, level: LogLevel?, stream: any StatelessStream, call: StatelessCall,
        isRetry: Bool = false
    ) {
        self.id = id
        self.level = level
        self.stream = stream
        self.call = call
        self.isRetry = isRetry
        progressToken = RequestMeta.progressToken(in: request.params)
    }

    func cancel() { call.cancel(self) }

    /// Calls have an end of their own.
    func drain() {}
}
