package import PluginAPI

/// How a transfer or a request for a credential ended: the Swift face of `vmcp_outcome`.
package struct ServiceOutcome: Error, Equatable, Sendable {
    /// The statuses of `vmcp_plugin.h`, with their numbers.
    package enum Status: Int32, Sendable {
        case ok = 0
        case invalid = 1
        case unsupported = 2
        case notFound = 3
        case unauthenticated = 4
        case forbidden = 5
        case timeout = 6
        case cancelled = 7
        case unavailable = 8
        case brokenProtocol = 9
        case exhausted = 10
        case internalError = 11
    }

    package var status: Status
    /// No byte of the request left: repeating it is safe.
    package var notSent = false
    /// 0 when there was none.
    package var httpStatus: UInt32 = 0
    /// Milliseconds, 0 when not known.
    package var retryAfter: UInt64 = 0
    /// One sentence for people, never a secret.
    package var message: String
    /// The value of `WWW-Authenticate`, empty when there was none.
    package var challenge = ""

    package init(_ status: Status, _ message: String = "", notSent: Bool = false) {
        self.status = status
        self.message = message
        self.notSent = notSent
    }

    /// Lends the C form for the duration of `body`.
    package func withABI<Result>(_ body: (UnsafePointer<vmcp_outcome>) -> Result) -> Result {
        message.withBytes { message in
            challenge.withBytes { challenge in
                var outcome = vmcp_outcome(
                    struct_size: UInt32(MemoryLayout<vmcp_outcome>.size), status: status.rawValue,
                    flags: notSent ? UInt32(VMCP_NOT_SENT) : 0, http_status: httpStatus, retry_after_ms: retryAfter,
                    message: message, challenge: challenge)
                return body(&outcome)
            }
        }
    }
}
