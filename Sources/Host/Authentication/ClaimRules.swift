import Gateway

/// What the claims of a token must say, however it was verified (RFC 7519, section 4.1; RFC 9068, section 4).
struct ClaimRules: Sendable {
    let settings: OIDCSettings

    /// What the claims say, when they do.
    struct Verdict: Sendable, Equatable {
        let subject: String
        /// Unix time in seconds; `nil` = the token has none, which only introspection allows.
        let expiry: Double?
    }

    /// - Parameters:
    ///   - now: Unix time in seconds.
    ///   - needsExpiry: False where the issuer itself says whether the token is still good.
    func check(_ claims: JSONSlice, now: Double, needsExpiry: Bool = true) throws(TokenFault) -> Verdict {
        guard let issuer = claims["iss"]?.string, Self.trimmed(issuer) == settings.issuer else {
            throw TokenFault(.issuer, "the token is of another issuer")
        }
        if !settings.audience.isEmpty, !Self.texts(claims["aud"]).contains(settings.audience) {
            throw TokenFault(.audience, "the token is for another audience")
        }
        var expiry = try time("exp", claims)
        // Servers say 0 of a token that they know and that has none.
        if expiry == 0, !needsExpiry { expiry = nil }
        if let expiry {
            guard now < expiry + settings.leeway else { throw TokenFault(.expired, "the token has expired") }
        } else if needsExpiry {
            throw TokenFault(.noExpiry, "the token has no expiry")
        }
        for name in ["nbf", "iat"] {
            if let time = try time(name, claims), now < time - settings.leeway {
                throw TokenFault(.notYetValid, "the token is not valid yet")
            }
        }
        guard let subject = claims["sub"]?.string, !subject.isEmpty, !subject.utf8.contains(0), !issuer.utf8.contains(0)
        else {
            throw TokenFault(.noSubject, "the token names no subject")
        }
        try checkScopes(claims)
        return Verdict(subject: subject, expiry: expiry)
    }

    private func checkScopes(_ claims: JSONSlice) throws(TokenFault) {
        let needed = settings.required
        guard !needed.isEmpty else { return }
        // `scope` of RFC 8693, section 4.2, and `scp`, which Entra ID and Okta have instead.
        let scope = claims["scope"] ?? claims["scp"]
        let granted = Set(Self.texts(scope).flatMap { $0.split(separator: " ").map(String.init) })
        guard needed.allSatisfy(granted.contains) else {
            throw TokenFault(.scope, "the token lacks a scope that is needed here")
        }
    }

    /// A time in seconds.
    private func time(_ name: String, _ claims: JSONSlice) throws(TokenFault) -> Double? {
        guard let value = claims[name], value.kind != .null else { return nil }
        guard let time = value.double, time >= 0 else {
            throw TokenFault(.malformed, "a time in the token is no number")
        }
        return time
    }

    private static func texts(_ value: JSONSlice?) -> [String] {
        value?.string.map { [$0] } ?? value?.elements.compactMap(\.string) ?? []
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
