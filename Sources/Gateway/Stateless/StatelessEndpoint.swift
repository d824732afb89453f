/// Where the messages of one request without a session go: the response of its POST.
///
/// The HTTP side implements it. It holds the head back until the first message, so that an early error keeps its status.
package protocol StatelessStream: AnyObject, Sendable {
    /// A notification. Answers ``Flow/stop`` when the client is gone.
    func send(_ message: [UInt8]) -> Flow
    /// The answer, the last message. `code` is that of an error, `nil` for a result.
    func finish(_ response: [UInt8], code: Int?)
}

/// A request under way. Both functions may come at any time, also after the answer.
package protocol StatelessExchange: AnyObject, Sendable {
    /// The client closed the response: a cancellation (2026-07-28, Cancellation).
    func cancel()
    /// The gateway is about to stop: what has no end of its own ends now.
    func drain()
}

/// The gateway as revision 2026-07-28 sees it: what the HTTP endpoint talks to.
package protocol StatelessRequests: Sendable {
    /// Whether nothing is to be waited for: backends have answered once, or had the time to.
    func isReady(for principal: Principal) -> Bool
    /// Returns when ``isReady(for:)``.
    func ready(for principal: Principal) async
    /// Whether a method exists and some backend offers what it is about; others are answered with -32601.
    func offers(_ method: String, to principal: Principal) -> Bool
    /// The arguments of a tool that clients repeat in headers; none for an unknown tool.
    func headerParameters(ofTool name: String, for principal: Principal) -> [HeaderParameter]
    /// Serves one request whose metadata and headers are in order. Returns at once; the answer goes to `stream`.
    /// - Parameter headers: Those of the HTTP request, names in lower case.
    /// - Returns: The request, if it is still under way.
    func request(
        _ request: JSONRPCMessage, principal: Principal, headers: [Header], stream: any StatelessStream
    ) -> (any StatelessExchange)?
}
