import Gateway
import PluginAPI

/// Reads what plugins say about an end; the bytes are theirs, so everything is copied and bounded.
enum OutcomeReader {
    /// Longest text taken, in bytes.
    static let textLimit = 4_096

    /// - Returns: The outcome, and what was wrong with it.
    static func read(_ pointer: UnsafePointer<vmcp_outcome>?) -> (Outcome, Misbehaviour?) {
        // `status` is the least that an outcome must have.
        guard let pointer, let table = CTable.copy(pointer, minimum: 8) else {
            return (
                Outcome(.internalError, message: "the plugin ended the call without a readable outcome"), .noOutcome
            )
        }
        var problem: Misbehaviour?
        var outcome = Outcome(
            .internalError, notSent: table.flags & UInt32(VMCP_NOT_SENT) != 0,
            sessionLost: table.flags & UInt32(VMCP_SESSION_LOST) != 0, httpStatus: Int(table.http_status),
            retryAfter: table.retry_after_ms, message: text(table.message), challenge: text(table.challenge))
        if let status = Outcome.Status(rawValue: table.status) {
            outcome.status = status
        } else {
            problem = .unknownStatus
            if outcome.message.isEmpty { outcome.message = "the plugin answered the unknown status \(table.status)" }
        }
        return (outcome, problem)
    }

    static func text(_ bytes: vmcp_bytes) -> String {
        String(decoding: buffer(bytes).prefix(textLimit), as: UTF8.self)
    }

    /// The bytes as a buffer; empty for NULL.
    static func buffer(_ bytes: vmcp_bytes) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes.data, count: bytes.data == nil ? 0 : bytes.size)
    }
}
