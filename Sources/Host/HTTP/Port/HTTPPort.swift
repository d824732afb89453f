package import Gateway

// The thin port between the HTTP server and everything above it: nothing above imports the server's library, so that
// the server can be changed without touching the endpoint.

/// Serves requests.
package protocol HTTPHandler: Sendable {
    /// Judges the head of a request before its body is read, and may note in it what was found.
    /// - Returns: An answer refuses the request: it is sent and the connection is closed. `nil` lets it pass.
    func admit(_ head: inout HTTPRequest) -> HTTPResponse?

    /// Serves one whole request. Called on an event loop: must not block. `responder` may be used at once or later,
    /// from any thread, and must be brought to its end.
    func handle(_ request: HTTPRequest, _ responder: any HTTPResponder)
}

/// What happens around an exchange that is not finished yet.
package enum HTTPExchangeEvent: Sendable, Equatable {
    /// The client is gone; nothing sent from now on arrives.
    case closed
    /// The client sends no more. It may still wait for an answer that has not begun; most are gone for good.
    case inputClosed
    /// The server is about to stop: streams without an end of their own should be ended now.
    case draining
}

/// The answer to one request: either whole, or begun, written in pieces and finished.
///
/// Functions may be called from any thread and never call back before they return. What comes in a wrong order, or
/// after the end, is dropped.
package protocol HTTPResponder: AnyObject, Sendable {
    /// Answers at once and ends the exchange.
    func respond(_ response: HTTPResponse)
    /// Sends the head of an answer whose body follows in pieces.
    func begin(_ status: Int, headers: [Header])
    /// Sends a piece of the body.
    /// - Returns: ``Flow/stop`` when the client is gone, or read so slowly that the connection is being closed.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Flow
    /// Ends an answer that was begun.
    func finish()
    /// Sets the one observer; it gets each event at most once, none after the end, on the event loop. An event that
    /// came earlier is delivered too.
    func observe(_ observer: @escaping @Sendable (HTTPExchangeEvent) -> Void)
}
