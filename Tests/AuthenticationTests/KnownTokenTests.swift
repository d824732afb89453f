import Gateway
import Testing

@testable import HostAuthentication

@Suite("Tokens that are known")
struct KnownTokenTests {
    private static let token = Array("header.claims.signature, and what makes it as long as tokens are: \(0..<40)".utf8)

    private func value(_ subject: String, until: Double = 100) -> ValidatedToken {
        ValidatedToken(principal: Principal(issuer: "issuer", subject: subject), until: until)
    }

    /// Whose a token is, looked up by the hash of another one if need be.
    private func subject(
        _ tokens: inout KnownTokens, _ token: [UInt8], hashOf other: [UInt8]? = nil, now: Double = 0
    ) -> String? {
        let hash = (other ?? token).withUnsafeBufferPointer(KnownTokens.hash)
        return token.withUnsafeBufferPointer { tokens.value(of: $0, hash, now: now) }?.principal.subject
    }

    @Test("A token is known by all of its bytes, even to one that has its hash")
    func bytes() {
        var tokens = KnownTokens(capacity: 10)
        tokens.set(value("alice"), for: Self.token)
        #expect(subject(&tokens, Self.token) == "alice")
        for place in Self.token.indices {
            var other = Self.token
            other[place] ^= 1
            #expect(subject(&tokens, other) == nil)
            #expect(subject(&tokens, other, hashOf: Self.token) == nil)
        }
        for other in [Array(Self.token.dropLast()), Self.token + [0x61], []] {
            #expect(subject(&tokens, other, hashOf: Self.token) == nil)
        }
        #expect(subject(&tokens, Self.token) == "alice")
    }

    @Test("A token is known until its time, and again when it was looked at again")
    func time() {
        var tokens = KnownTokens(capacity: 10)
        tokens.set(value("alice", until: 100), for: Self.token)
        #expect(subject(&tokens, Self.token, now: 99.9) == "alice")
        #expect(subject(&tokens, Self.token, now: 100) == nil)
        // Forgotten, whatever a clock says later.
        #expect(subject(&tokens, Self.token, now: 0) == nil)
        tokens.set(value("alice", until: 200), for: Self.token)
        #expect(subject(&tokens, Self.token, now: 100) == "alice")
    }

    @Test("Of more tokens than may be known the one unused for longest is forgotten")
    func capacity() {
        var tokens = KnownTokens(capacity: 2)
        for name in ["a", "b"] { tokens.set(value(name), for: Array(name.utf8)) }
        #expect(subject(&tokens, Array("a".utf8)) == "a")
        tokens.set(value("c"), for: Array("c".utf8))
        #expect(["a", "b", "c"].map { subject(&tokens, Array($0.utf8)) } == ["a", nil, "c"])
    }
}
