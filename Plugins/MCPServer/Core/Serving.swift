import PluginKit

/// How the servers of one instance are reached: over pipes, or over a port.
protocol Serving: AnyObject, Sendable {
    var traits: BackendTraits { get }
    var listens: Bool { get }
    /// Children alive.
    var processes: Int { get }
    /// Sessions open.
    var sessions: Int { get }
    /// Looks whether a start can work, and says so in the state of the instance; then calls `done`.
    func check(_ done: @escaping @Sendable () -> Void)
    func open(_ session: UInt64, parameters: SessionParameters, sink: SessionSink, call: Call)
    func send(_ session: UInt64, message: RawSpan, call: Call)
    func listen(_ session: UInt64, call: Call)
    func close(_ session: UInt64, call: Call)
    func resume(_ session: UInt64)
    func quiesce(_ call: Call)
}
