/// Whose tokens clients show (`incomingAuth.oidc`, or an MCPOIDCConfig with what refers to it).
package struct OIDCConfiguration: Sendable, Equatable {
    package var issuer = ""
    package var audience = ""
    /// The resource identifier of RFC 9728; empty publishes no metadata.
    package var resource = ""
    package var clientID = ""
    package var clientSecret: SecretValue?
    /// Empty = discovered.
    package var jwksURL = ""
    /// Empty = discovered.
    package var introspectionURL = ""
    package var scopes: [String] = []
    /// Private addresses of the issuer are allowed.
    package var allowsPrivate = false
    /// Loopback addresses of the issuer are allowed: this machine is trusted, or private addresses are.
    package var allowsLoopback = false
    package var allowsHTTP = false
    /// PEM text trusted in addition to the system's.
    package var caBundle: [UInt8] = []
    /// A file with a bearer token for the issuer's endpoints; empty = none.
    package var tokenPath = ""

    package init() {}
}
