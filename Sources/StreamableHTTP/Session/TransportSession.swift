import PluginKit

/// A session with a server, over one of the two HTTP transports.
protocol TransportSession: AnyObject, Sendable {
    /// Opens it and resolves the call when messages can be sent.
    func open(_ call: Call)
    /// Sends one message.
    func send(_ message: RawSpan, call: Call)
    /// Listens for what belongs to no call.
    func listen(_ call: Call)
    /// Ends it.
    func close(_ call: Call)
    /// The sink of the session wants more.
    func resume()
    /// Drops it without a word to the server, which is gone.
    func abandon(_ outcome: Outcome)
}

/// Something under way that ends with its session, if not before.
protocol Underway: AnyObject, Sendable {
    /// Resolves its call with this outcome, unless it was resolved before, and ends its exchange.
    func end(_ outcome: Outcome)
}
