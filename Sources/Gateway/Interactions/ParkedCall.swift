/// A call that waits, or may wait, for a retry of its client.
protocol ParkedCall: AnyObject, Sendable {
    /// Whether it waits for an answer.
    var isAsking: Bool { get }
    /// A retry of its client is here.
    /// - Returns: The retry as a request under way.
    /// - Throws: When the call cannot go on with it; it waits on as it was.
    func resume(
        _ request: JSONRPCMessage, id: JSONSlice, level: LogLevel?, stream: any StatelessStream, round: Int,
        _ responses: InputResponses
    ) throws(RequestFault) -> any StatelessExchange
    /// Its backend takes back what it asked.
    func withdraw(_ id: [UInt8])
    /// Ends it when its client has not come back in time.
    func expire(now: UInt64)
    /// Ends it without an answer.
    func abandon(_ reason: String)
}

extension StatelessCall: ParkedCall {
    func resume(
        _ request: JSONRPCMessage, id: JSONSlice, level: LogLevel?, stream: any StatelessStream, round: Int,
        _ responses: InputResponses
    ) throws(RequestFault) -> any StatelessExchange {
        let client = StatelessRound(request, id: id, level: level, stream: stream, call: self, isRetry: true)
        try resume(client, round: round, responses)
        return client
    }

    func abandon(_ reason: String) { stop(reason) }
}
