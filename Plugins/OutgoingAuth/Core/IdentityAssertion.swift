import PluginKit

/// An identity assertion authorization grant (draft-ietf-oauth-identity-assertion-authz-grant) as the gateway, which only
/// carries it, must look at it. Its signature is the target's to verify.
struct IdentityAssertion: Sendable {
    static let tokenType = "urn:ietf:params:oauth:token-type:id-jag"
    /// `typ` of the header; another one is allowed, and worth a warning.
    static let headerType = "oauth-id-jag+jwt"

    let type: String
    private let claims: JSONValue

    /// - Throws: ``PluginError`` when it is no JSON Web Token.
    init(_ token: String) throws(PluginError) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64Text.decodeURL(parts[0]), let claims = Base64Text.decodeURL(parts[1])
        else {
            throw PluginError(.protocolError, "the assertion is no JSON Web Token")
        }
        do throws(PluginError) {
            type = try JSONValue(json: header)["typ"]?.string ?? ""
            self.claims = try JSONValue(json: claims)
        } catch {
            throw PluginError(.protocolError, "the assertion is no JSON Web Token")
        }
    }

    /// Checks that it is for one authorization server alone, and for the resource that was asked for.
    func check(audience: String, resource: String?) throws(PluginError) {
        let audiences = Self.texts(claims["aud"])
        guard audiences == [audience] else {
            throw PluginError(.protocolError, "the assertion's audience is not targetAudience alone")
        }
        if let resource, !Self.texts(claims["resource"]).contains(resource) {
            throw PluginError(.protocolError, "the assertion is not for targetResource")
        }
    }

    private static func texts(_ value: JSONValue?) -> [String] {
        value?.string.map { [$0] } ?? value?.array?.compactMap(\.string) ?? []
    }
}
