import PluginAPI

/// Log lines; plugin and resource are named by the host.
public struct LogService: Sendable {
    /// How much a line matters.
    public enum Level: UInt32, Sendable {
        /// For the author.
        case debug = 1
        /// Worth knowing.
        case info = 2
        /// Something is wrong, and was coped with.
        case warning = 3
        /// Something failed.
        case error = 4
    }

    let host: HostHandle
    let table: vmcp_log?

    /// Writes a line: a constant sentence, and the data as fields. Never a secret.
    public func write(_ level: Level, _ message: String, _ fields: [Header] = []) {
        guard let write = table?.write, isEnabled(level) else { return }
        message.withBorrowedBytes { message in
            withBorrowedHeaders(fields) { write(host.pointer, level.rawValue, message, $0, $1) }
        }
    }

    /// Whether lines of this level are written.
    public func isEnabled(_ level: Level) -> Bool { table?.enabled?(host.pointer, level.rawValue) ?? 1 != 0 }
    /// Writes a line for the author.
    public func debug(_ message: String, _ fields: [Header] = []) { write(.debug, message, fields) }
    /// Writes a line worth knowing.
    public func info(_ message: String, _ fields: [Header] = []) { write(.info, message, fields) }
    /// Writes a line about something that was coped with.
    public func warning(_ message: String, _ fields: [Header] = []) { write(.warning, message, fields) }
    /// Writes a line about a failure.
    public func error(_ message: String, _ fields: [Header] = []) { write(.error, message, fields) }
}

/// Figures about the instance.
public struct MetricsService: Sendable {
    let host: HostHandle
    let table: vmcp_metrics?

    /// Adds to a counter. Names are in snake case with their unit last; few labels, each with few values.
    public func count(_ name: String, by value: Double = 1, _ labels: [Header] = []) { record(1, name, value, labels) }
    /// Sets a gauge.
    public func gauge(_ name: String, _ value: Double, _ labels: [Header] = []) { record(2, name, value, labels) }
    /// Records into a histogram.
    public func histogram(_ name: String, _ value: Double, _ labels: [Header] = []) { record(3, name, value, labels) }

    private func record(_ kind: UInt32, _ name: String, _ value: Double, _ labels: [Header]) {
        guard let record = table?.record else { return }
        name.withBorrowedBytes { name in
            withBorrowedHeaders(labels) { record(host.pointer, kind, name, value, $0, $1) }
        }
    }
}

/// How the instance is, for `/status` and for those who wait.
public struct StateService: Sendable {
    let host: HostHandle
    let table: vmcp_state?

    /// It can serve. That is so by itself once `start` resolved with ok.
    public func ready() { set(1, "") }
    /// It serves, but something is wrong: one sentence with what it needs.
    public func degraded(_ reason: String) { set(2, reason) }
    /// It cannot serve: one sentence with what it needs.
    public func down(_ reason: String) { set(3, reason) }

    private func set(_ state: UInt32, _ reason: String) {
        reason.withBorrowedBytes { table?.set?(host.pointer, state, $0) }
    }
}
