/// A revision of the MCP specification that has the `initialize` handshake and sessions.
package enum ProtocolRevision: String, Sendable, CaseIterable, Comparable {
    case v2024_11_05 = "2024-11-05"
    case v2025_03_26 = "2025-03-26"
    case v2025_06_18 = "2025-06-18"
    case v2025_11_25 = "2025-11-25"

    /// What is answered to a client that asks for a revision we do not serve.
    package static let newest = ProtocolRevision.v2025_11_25

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// JSON-RPC batches exist in this revision alone.
    package var hasBatches: Bool { self == .v2025_03_26 }
    /// Whether `MCP-Protocol-Version` is required and checked.
    package var hasVersionHeader: Bool { self >= .v2025_06_18 }
    /// Whether events have ids, so that streams can be resumed. Older ones may have them, but the priming event that
    /// belongs to it breaks some of their clients.
    package var hasResumption: Bool { self >= .v2025_11_25 }
}
