import HostServices

/// Tokens that were found good, bounded: a value without I/O.
///
/// Every request asks for its token here, so finding one costs as little as its bytes allow: a hash with a key of the
/// process, which nobody can aim at, finds the one candidate, and a comparison that takes the same time wherever the bytes
/// differ decides. A cryptographic digest, which identities are told apart by, is made once for each token.
struct KnownTokens: Sendable {
    private struct Known: Sendable {
        let token: [UInt8]
        let value: ValidatedToken
    }

    private var known: RecentlyUsed<Int, Known>

    /// - Parameter capacity: Most tokens known.
    init(capacity: Int) { known = RecentlyUsed(capacity: capacity) }

    /// Most bytes of a token that are hashed.
    private static let hashed = 128

    /// What a token is looked up by. Made apart, so that no lock is held meanwhile. Of a long one the end is as good as all
    /// of it to find the one candidate by: there a JWT has its signature, and only tokens that were found good are kept.
    static func hash(_ token: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(token).suffix(hashed)))
        return hasher.finalize()
    }

    /// Whose a token is; `nil` when it is not known, or not for that long.
    /// - Parameters:
    ///   - hash: ``hash(_:)`` of the token.
    ///   - now: Unix time in seconds.
    mutating func value(of token: UnsafeBufferPointer<UInt8>, _ hash: Int, now: Double) -> ValidatedToken? {
        guard let found = known.value(of: hash), Self.isSame(found.token, token) else { return nil }
        if now < found.value.until { return found.value }
        known.remove(hash)
        return nil
    }

    /// Knows a token from now on, in the place of another of the same hash.
    mutating func set(_ value: ValidatedToken, for token: [UInt8]) {
        known.set(Known(token: token, value: value), for: token.withUnsafeBufferPointer(Self.hash))
    }

    private static func isSame(_ token: [UInt8], _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard token.count == other.count else { return false }
        return token.withUnsafeBufferPointer { token in
            var difference = 0 as UInt8
            for index in 0..<token.count { difference |= token[index] ^ other[index] }
            return difference == 0
        }
    }
}
