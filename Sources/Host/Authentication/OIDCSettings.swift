/// Whose tokens are accepted, and for what (`incomingAuth.oidc`).
package struct OIDCSettings: Sendable, Equatable {
    /// The value that `iss` must have, to the letter.
    package var issuer: String
    /// The value that `aud` must have, or have among its values: it keeps tokens for other servers out.
    package var audience: String
    /// Who the gateway is at the introspection endpoint.
    package var clientID = ""
    package var clientSecret: [UInt8] = []
    /// The file of the secret, read at each question; empty = none, and ``clientSecret`` counts.
    package var clientSecretPath = ""
    /// The resource identifier of RFC 9728; empty publishes no metadata.
    package var resource = ""
    /// Where the issuer's keys are; empty = as discovery says.
    package var jwksURL = ""
    /// Where opaque tokens are asked about (RFC 7662); empty refuses them.
    package var introspectionURL = ""
    /// Advertised in metadata and challenges. Those that OpenID Connect defines are for the client alone; all others a
    /// token must have.
    package var scopes: [String] = []
    /// The issuer's endpoints may be on private addresses.
    package var allowsPrivate = false
    /// The issuer's endpoints may be on this machine.
    package var allowsLoopback = false
    /// The issuer's endpoints may be reached over plain http on other machines.
    package var allowsHTTP = false
    /// PEM text trusted in addition to the system's.
    package var caBundle: [UInt8] = []
    /// A file with a bearer token for the issuer's endpoints, read at each fetch; empty = none.
    package var tokenPath = ""
    /// Seconds by which clocks may differ. Default 10.
    package var leeway = 10.0

    package init(issuer: String, audience: String) {
        self.issuer = issuer
        self.audience = audience
    }

    /// Scopes of OpenID Connect Core, section 5.4 and 11: they ask for claims and are not found in access tokens.
    private static let forClients: Set<String> = [
        "openid", "profile", "email", "address", "phone", "offline_access",
    ]

    /// The scopes that a token must have.
    var required: [String] { scopes.filter { !Self.forClients.contains($0) } }

    /// The scopes that clients are told of: `offline_access` is between the client and its authorization server (MCP
    /// 2026-07-28, Authorization).
    var advertised: [String] { scopes.filter { $0 != "offline_access" } }
}
