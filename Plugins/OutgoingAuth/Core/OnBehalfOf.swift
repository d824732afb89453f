import PluginKit

/// `obo`: the on-behalf-of grant of Microsoft Entra ID, a JWT bearer grant (RFC 7523) with `requested_token_use`.
final class OnBehalfOf: AuthStrategy {
    let needs: AuthNeeds = .identity
    private let request: TokenRequest
    private let subject: SubjectToken
    private let key: String
    /// Milliseconds.
    private let skew: UInt64
    private let tokens: TokenClient

    init(_ settings: StrategySettings, _ tokens: TokenClient, _ identity: IdentityService) throws(PluginError) {
        var client = try settings.client()
        client.method = .post
        guard client.isConfidential else {
            throw PluginError(.invalid, "clientId, clientSecretRef: expected both, found one or none")
        }
        var scopes = try settings.texts("scopes")
        if scopes.isEmpty, let audience = try settings.text("audience") { scopes = ["\(audience)/.default"] }
        guard !scopes.isEmpty else { throw PluginError(.invalid, "expected audience or scopes, found neither") }
        let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        var request = TokenRequest(
            step: "on-behalf-of exchange", url: try Self.url(settings), client: client,
            fields: [("grant_type", grant), ("requested_token_use", "on_behalf_of")])
        request.add("scope", scopes.joined(separator: " "))
        self.request = request
        self.tokens = tokens
        subject = SubjectToken(provider: try settings.text("subjectTokenProviderName"), identity: identity)
        key = scopes.joined(separator: " ")
        skew = UInt64(try settings.seconds("cacheSkewSeconds", in: 0...86_400) ?? 0) * 1_000
    }

    /// The URL as written, or that of the tenant.
    private static func url(_ settings: StrategySettings) throws(PluginError) -> String {
        if try settings.text("tokenUrl") != nil { return try settings.url("tokenUrl") }
        guard let tenant = try settings.text("tenantId") else {
            throw PluginError(.invalid, "expected tokenUrl or tenantId, found neither")
        }
        let authority = try settings.text("authority") ?? "https://login.microsoftonline.com"
        return "\(authority)/\(tenant)/oauth2/v2.0/token"
    }

    func authorize(_ request: AuthRequest, reply: AuthReply) {
        subject.get(for: request) { [self] result in
            switch result {
            case .failure(let error): reply.refuse(Outcome(error.status, error.message))
            case .success(let token):
                var ask = self.request
                ask.add("assertion", token)
                tokens.ask(ask) { [self] in
                    reply.settle($0) { $0.answer(scope: .identity, key: key, early: skew) }
                }
            }
        }
    }
}
