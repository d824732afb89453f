import Synchronization

/// On whose behalf a request is made, as plugins may ask for it.
package struct ServiceIdentity: Sendable {
    /// Gives the token that an upstream provider issued; `kind` is `access_token` or `id_token`. Calls `completion`
    /// exactly once, from any thread.
    package typealias UpstreamToken =
        @Sendable (
            _ provider: String, _ kind: String,
            _ completion: @escaping @Sendable (Result<[UInt8], ServiceOutcome>) -> Void
        ) -> Void

    /// A JSON object with at least `sub` and `iss`.
    package let claims: [UInt8]
    /// What the gateway was shown; a secret, and empty for an anonymous caller.
    package let token: [UInt8]
    /// Tells identities apart, and equal ones not: credentials that were obtained for one are kept under it. A digest,
    /// never the token itself.
    package let key: [UInt8]
    package let upstreamToken: UpstreamToken

    package init(claims: [UInt8], token: [UInt8], key: [UInt8] = [], upstreamToken: @escaping UpstreamToken) {
        self.claims = claims
        self.token = token
        self.key = key
        self.upstreamToken = upstreamToken
    }
}

/// Identities by the numbers that plugins know them by. An identity is forgotten with the last request that uses it.
package final class IdentityStore: Sendable {
    private struct State {
        var next: UInt64 = 1
        var entries: [UInt64: (identity: ServiceIdentity, uses: Int)] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Enters an identity with one use, for ``release(_:)`` to end. The number is never 0 and never given again.
    package func add(_ identity: ServiceIdentity) -> UInt64 {
        state.withLock { state in
            defer { state.next += 1 }
            state.entries[state.next] = (identity, 1)
            return state.next
        }
    }

    /// One use more. False when the identity is forgotten already.
    package func retain(_ number: UInt64) -> Bool {
        state.withLock { state in
            state.entries[number]?.uses += 1
            return state.entries[number] != nil
        }
    }

    /// One use less; with the last the identity is forgotten.
    package func release(_ number: UInt64) {
        state.withLock { state in
            guard let uses = state.entries[number]?.uses else { return }
            if uses > 1 { state.entries[number]?.uses = uses - 1 } else { state.entries[number] = nil }
        }
    }

    /// Nil for 0 and for an identity that is forgotten.
    package subscript(number: UInt64) -> ServiceIdentity? { state.withLock { $0.entries[number]?.identity } }

    /// How many identities are known.
    package var count: Int { state.withLock { $0.entries.count } }
}
