import Synchronization

/// What the exchanges of one backend are held to together, and what they hold: its instances share one, and the configuration
/// may change it while they run.
package final class ExchangeLimits: Sendable {
    /// Milliseconds from the start of name resolution to the end of the TLS handshake, where a plugin does not say.
    /// Default 10,000 (`operational.timeouts.connect`).
    package var connectTimeout: UInt64 {
        get { connect.load(ordering: .relaxed) }
        set { connect.store(newValue, ordering: .relaxed) }
    }

    /// Bytes of answers that have not ended, of all exchanges; one that needs more fails. Default 256 MiB
    /// (`operational.limits.responseBytesPerBackend`).
    package var responseBytes: Int {
        get { most.load(ordering: .relaxed) }
        set { most.store(newValue, ordering: .relaxed) }
    }

    /// Bytes held now.
    package var heldBytes: Int { held.load(ordering: .relaxed) }

    private let connect = Atomic<UInt64>(10_000)
    private let most = Atomic<Int>(256 << 20)
    private let held = Atomic<Int>(0)

    package init() {}

    /// - Returns: False when there is no room for so much more.
    func take(_ count: Int) -> Bool {
        if held.wrappingAdd(count, ordering: .relaxed).newValue <= responseBytes { return true }
        give(count)
        return false
    }

    func give(_ count: Int) { held.wrappingSubtract(count, ordering: .relaxed) }
}
