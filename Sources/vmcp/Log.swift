import Logging
import Synchronization

/// The log: lines on standard error.
enum Log {
    /// Read with every line, so that a configuration that asks for more has its way after the loggers are made.
    private static let level = Mutex(Logger.Level.info)

    static func make(debug: Bool) -> Logger {
        if debug { showDebug() }
        return Logger(label: "vmcp") { Handler(lines: StreamLogHandler.standardError(label: $0)) }
    }

    /// Logs more from now on (`--debug`, `operational.logLevel: debug`).
    static func showDebug() { show(debug: true) }

    /// Logs more or less from now on.
    static func show(debug: Bool) { level.withLock { $0 = debug ? .debug : .info } }

    /// Lines of the common level.
    private struct Handler: LogHandler {
        var lines: StreamLogHandler

        var logLevel: Logger.Level {
            get { Log.level.withLock { $0 } }
            set { Log.level.withLock { $0 = newValue } }
        }
        var metadata: Logger.Metadata {
            get { lines.metadata }
            set { lines.metadata = newValue }
        }
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { lines[metadataKey: key] }
            set { lines[metadataKey: key] = newValue }
        }

        func log(event: LogEvent) { LiveRegion.shared.above { lines.log(event: event) } }
    }
}
