import Crypto
import Gateway
import HostServices
import Logging
import Synchronization

/// Finds out whether a token is good, and whose it is.
///
/// A token that was found good is known until it ends, five minutes at most (``KnownTokens``). One that was not is looked
/// at again each time; the issuer is asked about it within limits.
final class TokenValidator: Sendable {
    /// Most tokens known.
    static let capacity = 10_000
    /// Seconds after which a JWT is looked at again: a key may have been withdrawn.
    static let trust = 300.0
    /// Seconds after which the issuer is asked again about an opaque token: it may have been revoked.
    static let introspectionTrust = 60.0

    private let settings: OIDCSettings
    private let keys: IssuerKeys
    private let introspection: Introspection
    private let rules: ClaimRules
    private let identities: any IdentityRegistry
    /// Unix time in seconds.
    private let now: @Sendable () -> Double
    private let limit = Mutex(IntrospectionLimit())
    private let known = Mutex(KnownTokens(capacity: TokenValidator.capacity))

    init(
        _ settings: OIDCSettings, keys: IssuerKeys, fetch: any DocumentFetch, identities: any IdentityRegistry,
        now: @escaping @Sendable () -> Double
    ) {
        self.settings = settings
        self.keys = keys
        self.identities = identities
        self.now = now
        introspection = Introspection(settings: settings, fetch: fetch)
        rules = ClaimRules(settings: settings)
    }

    /// Whose a token is, if it was found good before.
    func known(_ token: Substring) -> Principal? {
        let time = now()
        var token = token
        return token.withUTF8 { bytes in
            let hash = KnownTokens.hash(bytes)
            return known.withLock { $0.value(of: bytes, hash, now: time)?.principal }
        }
    }

    /// Looks at a token.
    func validate(_ token: String) async throws(TokenFault) -> Principal {
        guard let parsed = JSONWebToken(token) else { return try await opaque(token) }
        guard let algorithm = SignatureAlgorithm(rawValue: parsed.algorithm) else {
            throw TokenFault(.algorithm, "the token's signature algorithm is not accepted")
        }
        guard let id = parsed.keyID, !id.isEmpty else {
            throw TokenFault(.noKeyID, "the token names no key")
        }
        let key = try await keys.key(id, for: algorithm)
        guard key.verifies(parsed.signature, of: parsed.signed, by: algorithm) else {
            throw TokenFault(.signature, "the token's signature is not the issuer's")
        }
        let verdict = try rules.check(parsed.claims, now: now())
        return remember(token, parsed.claims, verdict, trust: Self.trust)
    }

    private func opaque(_ token: String) async throws(TokenFault) -> Principal {
        guard let url = await keys.introspectionURL() else {
            throw TokenFault(.malformed, "no JSON Web Token, and no introspection endpoint available")
        }
        let digest = Self.digest(Array(token.utf8))
        let begun = limit.withLock { limit in
            Result { () throws(TokenFault) in try limit.begin(digest, now: now()) }
        }
        try begun.get()
        do throws(TokenFault) {
            let claims = try await introspection.ask(token, at: url)
            let verdict = try rules.check(claims, now: now(), needsExpiry: false)
            return remember(token, claims, verdict, trust: Self.introspectionTrust)
        } catch {
            limit.withLock { $0.refused(digest, error, now: now()) }
            throw error
        }
    }

    private func remember(
        _ token: String, _ claims: JSONSlice, _ verdict: ClaimRules.Verdict, trust: Double
    ) -> Principal {
        let token = Array(token.utf8)
        let identity = identities.register(claims: claims.array, token: token, key: Self.digest(token))
        let principal = Principal(issuer: settings.issuer, subject: verdict.subject, identity: identity)
        let until = min(verdict.expiry ?? .infinity, now() + trust)
        known.withLock { $0.set(ValidatedToken(principal: principal, until: until), for: token) }
        return principal
    }

    private static func digest(_ token: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: token)) }
}
