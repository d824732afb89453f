import PluginKit

extension Call {
    /// The header that names the method in the body (MCP 2026-07-28, Transports): every request of that revision has it, and
    /// none of an earlier one.
    private static let methodHeader = "Mcp-Method"

    private var method: String? { headers.first { $0.name.isSameHeaderName(as: Self.methodHeader) }?.value }

    /// Whether the message belongs to no session: no session id goes with it, none that comes back counts, and a stream
    /// that breaks off is not taken up again.
    var isStateless: Bool { method != nil }

    /// Whether the answer is a stream without an end of its own, which no limit on the size of a response fits.
    var isSubscription: Bool { method == "subscriptions/listen" }
}
