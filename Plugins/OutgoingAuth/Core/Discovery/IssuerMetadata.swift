import PluginKit

/// What a protected resource and an authorization server publish about themselves, checked as a client of MCP has to (MCP
/// 2025-11-25, authorization; RFC 9728; RFC 8414).
struct ResourceMetadata: Sendable, Equatable {
    /// As the server writes it: for the `resource` parameter.
    let resource: String
    let scopes: [String]

    /// - Parameters:
    ///   - backend: The URL that is called.
    ///   - issuer: The only one that may be asked, because our credentials there are its own.
    /// - Throws: ``PluginError`` that says which check failed.
    init(_ document: JSONValue, backend: String, issuer: String) throws(PluginError) {
        guard let resource = document["resource"]?.string, let address = HTTPAddress(resource),
            let target = HTTPAddress(backend), address.covers(target)
        else {
            // RFC 9728, section 3.3: otherwise a token for one server could be had by another.
            throw PluginError(.protocolError, "its metadata are for another resource than the one that is called")
        }
        let issuers = document["authorization_servers"]?.array?.compactMap(\.string) ?? []
        guard issuers.contains(issuer) else {
            let found = issuers.first.map { "\"\(Self.shown($0))\"" } ?? "none"
            throw PluginError(
                .protocolError,
                "expected the issuer \"\(issuer)\" in its metadata, found \(found); set `issuer` to it if you "
                    + "trust it with this client's credentials")
        }
        self.resource = resource
        scopes = document["scopes_supported"]?.array?.compactMap(\.string) ?? []
    }

    /// Where they may be: for the path, then at the root (RFC 9728, section 3.1).
    static func addresses(of backend: HTTPAddress) -> [String] {
        let root = "\(backend.origin)/.well-known/oauth-protected-resource"
        return backend.suffix.isEmpty ? [root] : [root + backend.suffix, root]
    }

    /// For messages: what a server wrote, without what terminals obey.
    static func shown(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(200).map { $0.value > 0x20 && $0.value < 0x7F ? $0 : "?" }))
    }
}

/// The token endpoint of an authorization server.
struct IssuerMetadata: Sendable, Equatable {
    let tokenURL: String
    let method: TokenRequest.Client.Method
    /// `nil` when it does not say.
    let grants: [String]?

    /// - Throws: ``PluginError`` that says which check failed.
    init(_ document: JSONValue, issuer: String) throws(PluginError) {
        // RFC 8414, section 3.3, as plain text: another issuer's metadata would lead our secret elsewhere.
        guard document["issuer"]?.string == issuer else {
            throw PluginError(.protocolError, "the metadata of \"\(issuer)\" are another issuer's")
        }
        guard let url = document["token_endpoint"]?.string, let address = HTTPAddress(url), address.isTrustworthy else {
            throw PluginError(.protocolError, "the metadata of \"\(issuer)\" have no token_endpoint with https")
        }
        tokenURL = url
        grants = document["grant_types_supported"]?.array?.compactMap(\.string)
        let methods = document["token_endpoint_auth_methods_supported"]?.array?.compactMap(\.string)
        method =
            methods.map { !$0.contains("client_secret_basic") && $0.contains("client_secret_post") } ?? false
            ? .post : .basic
    }

    /// Where they may be: RFC 8414, section 3.1, then the two ways of OpenID Connect Discovery.
    static func addresses(of issuer: HTTPAddress) -> [String] {
        let (origin, suffix) = (issuer.origin, issuer.suffix)
        let inserted = ["oauth-authorization-server", "openid-configuration"].map {
            "\(origin)/.well-known/\($0)\(suffix)"
        }
        return suffix.isEmpty ? inserted : inserted + ["\(origin)\(suffix)/.well-known/openid-configuration"]
    }
}
