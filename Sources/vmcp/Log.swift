import Logging

/// The log: lines on standard error.
enum Log {
    static func make(debug: Bool) -> Logger {
        var logger = Logger(label: "vmcp", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = debug ? .debug : .info
        return logger
    }
}
