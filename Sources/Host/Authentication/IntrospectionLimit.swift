import HostServices

/// Keeps strangers from making the gateway ask the issuer as often as they like: a value without I/O.
///
/// A token that is known to be good is not asked about and does not count.
struct IntrospectionLimit: Sendable {
    /// Questions a second in the long run.
    static let rate = 100.0
    /// Questions at once.
    static let burst = 200.0
    /// Seconds for which a token that the issuer refused is not asked about again.
    static let memory = 5.0
    /// Most refused tokens remembered.
    static let capacity = 10_000

    private var level = IntrospectionLimit.burst
    private var since = -Double.infinity
    private var refused = RecentlyUsed<[UInt8], Refused>(capacity: IntrospectionLimit.capacity)

    private struct Refused: Sendable {
        let fault: TokenFault
        let until: Double
    }

    /// Before the issuer is asked.
    ///
    /// - Parameters:
    ///   - digest: Of the token.
    ///   - now: Seconds.
    /// - Throws: ``TokenFault`` when it need not, or must not, be asked.
    mutating func begin(_ digest: [UInt8], now: Double) throws(TokenFault) {
        if let found = refused.value(of: digest) {
            if now < found.until { throw found.fault }
            refused.remove(digest)
        }
        level = min(Self.burst, level + max(0, now - since) * Self.rate)
        since = max(since, now)
        guard level >= 1 else {
            throw TokenFault(.busy, "too many unknown tokens at once; try again in a moment")
        }
        level -= 1
    }

    /// The issuer, or the rules, refused the token.
    mutating func refused(_ digest: [UInt8], _ fault: TokenFault, now: Double) {
        // That the issuer could not be asked, or answers no more for now, says nothing about the token.
        guard fault.reason != .issuerUnavailable, fault.reason != .busy else { return }
        refused.set(Refused(fault: fault, until: now + Self.memory), for: digest)
    }
}
