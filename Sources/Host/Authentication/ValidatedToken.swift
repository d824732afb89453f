package import Gateway

/// A token that was found good.
struct ValidatedToken: Sendable {
    let principal: Principal
    /// Unix time in seconds until which it may be used without another look.
    let until: Double
}

/// Keeps what a token says where plugins can ask for it, for as long as the token is in use.
package protocol IdentityRegistry: Sendable {
    /// - Parameters:
    ///   - claims: A JSON object with at least `sub` and `iss`.
    ///   - token: As it was shown; a secret.
    ///   - key: A digest that tells this token apart from others.
    func register(claims: [UInt8], token: [UInt8], key: [UInt8]) -> any CallerIdentity
}
