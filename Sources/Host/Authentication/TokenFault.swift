/// Why a request's token does not do. The text is for the caller and holds nothing of the token.
package struct TokenFault: Error, Sendable, Equatable {
    package enum Reason: String, Sendable {
        /// RFC 6750, section 3.1: `invalid_request`.
        case missing, malformedHeader, emptyToken
        /// `invalid_token`.
        case malformed, algorithm, noKeyID, unknownKey, signature, issuer, audience, expired, notYetValid, noExpiry
        case noSubject, inactive
        /// The issuer cannot be asked.
        case issuerUnavailable
        /// Too many unknown tokens at once.
        case busy
        /// `insufficient_scope`.
        case scope
    }

    package let reason: Reason
    package let text: String

    init(_ reason: Reason, _ text: String) {
        self.reason = reason
        self.text = text
    }

    /// 401, 403 when the token is good and does not suffice, 503 when it cannot be looked at now.
    package var status: Int {
        switch reason {
        case .scope: 403
        case .busy: 503
        default: 401
        }
    }

    /// RFC 6750, section 3.1; of a token that was not looked at RFC 6749, section 4.1.2.1.
    package var code: String {
        switch reason {
        case .missing, .malformedHeader, .emptyToken: "invalid_request"
        case .scope: "insufficient_scope"
        case .busy: "temporarily_unavailable"
        default: "invalid_token"
        }
    }

    /// For `error_description` in the body.
    package var description: String { code == "invalid_token" ? "Invalid token: \(text)" : text }

    static let missing = TokenFault(.missing, "authorization header required")
    static let malformedHeader = TokenFault(
        .malformedHeader, "invalid authorization header format, expected 'Bearer <token>'")
    static let emptyToken = TokenFault(.emptyToken, "empty token in authorization header")
}
