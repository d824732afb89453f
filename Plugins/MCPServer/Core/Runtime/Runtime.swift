package import PluginKit

/// A way to run a server: as a process of this machine, for instance.
package protocol Runtime: Sendable {
    /// What is started, for people: `uvx mcp-server-time`.
    var summary: String { get }

    /// Whether the server is reached at another port than the one it listens on; ``ServerHandler/listening(on:)`` tells
    /// which.
    var choosesPort: Bool { get }

    /// Where a server with an HTTP transport is to listen.
    ///
    /// - Throws: ``PluginError`` when no port is free.
    func port() throws(PluginError) -> Int

    /// Looks whether a launch can work, without starting anything.
    ///
    /// - Parameter done: Gets what is missing and how to get it, or nil; at once or later.
    func check(_ done: @escaping @Sendable (PluginError?) -> Void)

    /// Does what comes before a launch and may take long, such as fetching an image; at once when it is done already.
    ///
    /// - Parameters:
    ///   - progress: Gets lines for people.
    ///   - done: Gets why a launch cannot work, or nil.
    func prepare(progress: @escaping @Sendable (String) -> Void, done: @escaping @Sendable (PluginError?) -> Void)

    /// Gives up what ``prepare(progress:done:)`` does.
    func cancel()

    /// Starts a server. The handler is told what it says, by line, and its end, perhaps before this returns.
    ///
    /// - Parameter port: Where it is to listen; `nil` when it speaks over pipes.
    /// - Throws: ``PluginError`` when it cannot be started; the handler is not called then.
    func launch(port: Int?, handler: any ServerHandler) throws(PluginError) -> any RunningServer
}

/// Gets what a server says, and how it ends: either ``ProcessHandler/exited(code:signal:)`` or ``ended(_:)``, once, last.
package protocol ServerHandler: ProcessHandler {
    /// It is reached at this port; see ``Runtime/choosesPort``.
    func listening(on port: Int)
    /// It is gone, or could not be started after all. `how` is a sentence without a full stop.
    func ended(_ how: String)
}

extension ServerHandler {
    package func listening(on port: Int) {}
}

/// A server that was started.
package protocol RunningServer: Sendable {
    /// Writes to its standard input; see ``ChildProcess/write(_:)``.
    func write(_ data: [UInt8]) -> Flow
    /// Asks for more of a stream.
    func resume(_ stream: ProcessStream)
    /// Ends it: end of input, SIGTERM after `grace` milliseconds, SIGKILL after as long again.
    func stop(grace: UInt64)
}

extension ChildProcess: RunningServer {}
