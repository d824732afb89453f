import Logging
import PluginAPI

/// `vmcp.log/1`.
enum LogTable {
    static let table = vmcp_log(
        struct_size: UInt32(MemoryLayout<vmcp_log>.size), reserved: 0,
        write: { host, level, message, fields, count in
            guard let instance = HostTable.instance(of: host) else { return }
            let level = LogTable.level(level)
            guard instance.logger.logLevel <= level else { return }
            var metadata: Logger.Metadata = [:]
            for field in UnsafeBufferPointer(start: fields, count: fields == nil ? 0 : count) {
                metadata[LogTable.oneLine(field.name)] = "\(LogTable.oneLine(field.value))"
            }
            let text = LogTable.oneLine(message)
            instance.logger.log(level: level, "\(text)", metadata: metadata)
            if let recent = instance.hub.recent, level >= .info {
                recent.take(LogTable.recent(text, metadata), of: instance.label.name)
            }
        },
        enabled: { host, level in
            guard let instance = HostTable.instance(of: host) else { return 0 }
            return instance.logger.logLevel <= LogTable.level(level) ? 1 : 0
        })

    /// A line for whoever asks what happened of late.
    private static func recent(_ text: String, _ metadata: Logger.Metadata) -> String {
        if let line = metadata["line"] { return "\(line)" }
        return ([text] + metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    }

    /// A level that is not known is one that somebody found worth adding.
    private static func level(_ number: UInt32) -> Logger.Level {
        switch Int(number) {
        case Int(VMCP_LOG_DEBUG): .debug
        case Int(VMCP_LOG_INFO): .info
        case Int(VMCP_LOG_WARNING): .warning
        default: .error
        }
    }

    /// Text without control characters: what a server prints must not forge a line of the log or steer a terminal.
    private static func oneLine(_ bytes: vmcp_bytes) -> String {
        let text = bytes.text
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        if isPlain { return text }
        return text.unicodeScalars.reduce(into: "") { line, scalar in
            if scalar.value < 0x20 || scalar.value == 0x7F {
                line += scalar == "\t" ? "\t" : "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
    }
}
