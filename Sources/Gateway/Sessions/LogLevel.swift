/// Severity of log messages, as in RFC 5424 and the protocol's logging utility; ordered from chatty to grave.
package enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug, info, notice, warning, error, critical, alert, emergency

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    /// The level of a `notifications/message`; `nil` for other messages and for levels that are unknown.
    init?(of message: JSONRPCMessage) {
        guard message.method == "notifications/message", let text = message.params?["level"]?.string else { return nil }
        self.init(rawValue: text)
    }
}
