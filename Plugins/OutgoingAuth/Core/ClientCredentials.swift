import PluginKit

/// `client_credentials` (RFC 6749, section 4.4): the gateway's own token, for backends that know only the gateway.
final class ClientCredentials: AuthStrategy {
    private let request: TokenRequest
    private let key: String
    private let endpoint: TokenEndpoint
    private let tokens: TokenClient

    init(_ settings: StrategySettings, _ tokens: TokenClient, _ log: LogService) throws(PluginError) {
        let client = try settings.client()
        guard client.isConfidential else {
            throw PluginError(.invalid, "clientId, clientSecretRef: expected both, found one or none")
        }
        let (audience, scopes) = (try settings.text("audience"), try settings.texts("scopes"))
        let resource = try settings.text("resource")
        var request = TokenRequest(
            step: "client credentials grant", client: client, fields: [("grant_type", "client_credentials")])
        endpoint = try TokenEndpoint(settings, tokens, log)
        request.add("audience", audience)
        request.add("scope", scopes.joined(separator: " "))
        // RFC 8707, section 2.
        request.add("resource", resource)
        self.request = request
        self.tokens = tokens
        key = [audience ?? "", resource ?? "", scopes.joined(separator: " ")].joined(separator: "\n")
    }

    var needs: AuthNeeds { endpoint.stepsUp ? .stepUp : [] }

    func authorize(_ request: AuthRequest, reply: AuthReply) {
        endpoint.grant(self.request, of: 0, for: request, from: tokens, reply: reply) { [key] in
            $0.answer(scope: .backend, key: key)
        }
    }
}

extension AuthReply {
    /// Grants what was issued, or refuses with why it was not.
    func settle(_ result: Result<IssuedToken, PluginError>, _ answer: (IssuedToken) -> AuthAnswer) {
        switch result {
        case .failure(let error): refuse(Outcome(error.status, error.message))
        case .success(let issued):
            // Types that need a proof with each request cannot be sent as bearer tokens; other words are in use for bearer.
            guard !["dpop", "mac", "pop"].contains(issued.tokenType.lowercased()) else {
                let why = "expected a bearer token, found one that needs a proof (token_type)"
                return refuse(Outcome(.unsupported, why))
            }
            grant(answer(issued))
        }
    }
}
