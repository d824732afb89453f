package import PluginKit

/// A way to run a server: as a process of this machine, for instance.
package protocol Runtime: Sendable {
    /// What is started, for people: `uvx mcp-server-time`.
    var summary: String { get }

    /// Looks whether a launch can work, without starting anything.
    ///
    /// - Throws: ``PluginError`` that says what is missing and how to get it.
    func check() throws(PluginError)

    /// Starts a server. The handler is told what it says, by line, and its end, perhaps before this returns.
    ///
    /// - Parameter port: Where it is to listen; `nil` when it speaks over pipes.
    /// - Throws: ``PluginError`` when it cannot be started; the handler is not called then.
    func launch(port: Int?, handler: any ProcessHandler) throws(PluginError) -> any RunningServer
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
