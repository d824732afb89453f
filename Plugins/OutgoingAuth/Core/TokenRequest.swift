import PluginKit

/// A question to a token endpoint (RFC 6749, section 3.2).
struct TokenRequest: Sendable {
    /// Who the gateway is to the authorization server.
    struct Client: Sendable {
        /// How it shows who it is.
        enum Method: Sendable {
            /// HTTP Basic, the form that every server takes (RFC 6749, section 2.3.1).
            case basic
            /// `client_id` and `client_secret` in the body.
            case post
        }

        var id: String?
        var secret: StrategySettings.SecretField?
        var method = Method.basic

        /// Whether it can ask for a token of its own.
        var isConfidential: Bool { id != nil && secret != nil }
    }

    /// What people know the step as, for messages: "token exchange".
    var step: String
    /// Empty until ``TokenEndpoint`` completes it.
    var url = ""
    var client = Client()
    var fields: [(name: String, value: String)]
    /// Members that the answer must have besides `access_token` and `token_type`.
    var requiredMembers: [String] = []

    /// Adds a field unless there is nothing to say.
    mutating func add(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { fields.append((name, value)) }
    }
}

/// What a token endpoint issued. The token is a secret.
struct IssuedToken: Sendable {
    var token: String
    var tokenType: String
    var issuedTokenType: String
    /// Unix time in milliseconds; 0 = not known.
    var expiresAt: UInt64

    /// The credential it is to a backend; usable again by whom `scope` says, until it expires.
    ///
    /// - Parameters:
    ///   - header: Where it goes: `Authorization`, as a bearer token, or another header, bare.
    ///   - early: Milliseconds before its end at which it is not to be used any more, besides the host's own margin.
    func answer(
        scope: AuthAnswer.CacheScope, key: String, header: String = "Authorization", early: UInt64 = 0
    ) -> AuthAnswer {
        let isAuthorization = header.isSameText(as: "Authorization")
        return AuthAnswer(
            set: [Header(header, isAuthorization ? "Bearer \(token)" : token)], scope: scope,
            expiresAt: expiresAt > early ? expiresAt - early : 0, cacheKey: Array(key.utf8))
    }
}

extension String {
    /// Whether two texts of ASCII are the same without case.
    func isSameText(as other: String) -> Bool { lowercased() == other.lowercased() }
}
