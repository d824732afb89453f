package import PluginAPI

/// How an instance says it is (`vmcp.state/1`).
package struct ReportedState: Sendable, Equatable {
    /// The numbers are those of `VMCP_STATE_READY` and so on.
    package enum Level: UInt32, Sendable { case ready = 1, degraded, down }
    package var level: Level
    /// One sentence for people; empty when nothing is to be said.
    package var reason: String

    package init(_ level: Level, reason: String = "") {
        self.level = level
        self.reason = reason
    }

    /// What an instance is that never said anything.
    package static let ready = ReportedState(.ready)
}

/// What one instance gets as `vmcp_host`.
///
/// The order at the end of an instance: `quiesce`, ``endActivities()``, `destroy`, ``release()``.
package protocol HostTable: AnyObject, Sendable {
    /// For `vmcp_plugin.create`; valid until ``release()``.
    var pointer: UnsafePointer<vmcp_host> { get }
    /// Ends the instance's transfers, timers and processes: when it has returned, none of their sinks runs or will be
    /// called. The table still works, for `destroy`.
    func endActivities() async
    /// Takes the table back. Not called for an instance that is kept for good.
    func release() async
}

/// Makes the host tables of instances.
package protocol HostTableProvider: Sendable {
    /// - Parameters:
    ///   - plugin: The plugin's id, for the log.
    ///   - onState: Called with each state that the instance reports, from any thread.
    func makeHost(
        plugin: String, kind: String, name: String, onState: @escaping @Sendable (ReportedState) -> Void
    ) -> any HostTable
}
