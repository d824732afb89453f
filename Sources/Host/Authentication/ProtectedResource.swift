import Gateway

/// The metadata of the gateway as a protected resource (RFC 9728).
struct ProtectedResource: Sendable {
    static let path = "/.well-known/oauth-protected-resource"
    private let settings: OIDCSettings

    init(_ settings: OIDCSettings) { self.settings = settings }

    /// Where the metadata is, by section 3.1: the well-known part stands between host and path. `nil` without a resource.
    var metadataURL: String? {
        guard let mark = settings.resource.firstRange(of: "://") else { return nil }
        let rest = settings.resource[mark.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty else { return nil }
        let path = rest[authority.endIndex...].prefix { $0 != "?" && $0 != "#" }
        return "\(settings.resource[..<mark.upperBound])\(authority)\(Self.path)\(path == "/" ? "" : String(path))"
    }

    /// The document, without white space; `nil` without a resource.
    var document: [UInt8]? {
        guard !settings.resource.isEmpty else { return nil }
        var out = Array("{\"resource\":".utf8)
        JSONText.append(settings.resource, to: &out)
        out += ",\"authorization_servers\":[".utf8
        JSONText.append(settings.issuer, to: &out)
        out += "],\"bearer_methods_supported\":[\"header\"],\"scopes_supported\":[".utf8
        let scopes = settings.advertised.isEmpty ? ["openid"] : settings.advertised
        for (index, scope) in scopes.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            JSONText.append(scope, to: &out)
        }
        out += "]}".utf8
        return out
    }
}
