import PluginKit

/// `token_exchange` (RFC 8693): the caller's token for one that is meant for the backend.
///
/// Probes, which nobody caused, get the gateway's own token of the same endpoint when it has a secret there, and nothing
/// otherwise.
final class TokenExchange: AuthStrategy {
    private static let prefix = "urn:ietf:params:oauth:token-type:"

    private let exchange: TokenRequest
    private let probe: TokenRequest?
    private let subject: SubjectToken
    private let header: String
    private let key: String
    private let endpoint: TokenEndpoint
    private let tokens: TokenClient

    init(_ settings: StrategySettings, _ tokens: TokenClient, _ host: HostServices) throws(PluginError) {
        let (audience, scope) = (try settings.text("audience"), try settings.texts("scopes").joined(separator: " "))
        let resource = try settings.text("resource")
        let client = try settings.client()
        endpoint = try TokenEndpoint(settings, tokens, host.log)
        subject = SubjectToken(provider: try settings.text("subjectProviderName"), identity: host.identity)
        header = try settings.text("externalTokenHeaderName") ?? "Authorization"

        let grant = "urn:ietf:params:oauth:grant-type:token-exchange"
        var exchange = TokenRequest(step: "token exchange", client: client, fields: [("grant_type", grant)])
        exchange.add("subject_token_type", try Self.tokenType(settings.text("subjectTokenType")))
        exchange.add("requested_token_type", Self.prefix + "access_token")
        exchange.requiredMembers = ["issued_token_type"]
        var probe = TokenRequest(
            step: "client credentials grant", client: client, fields: [("grant_type", "client_credentials")])
        for (name, value) in [("audience", audience), ("scope", scope), ("resource", resource)] {
            exchange.add(name, value)
            probe.add(name, value)
        }
        self.exchange = exchange
        self.probe = client.isConfidential ? probe : nil
        self.tokens = tokens
        key = [audience ?? "", resource ?? "", scope].joined(separator: "\n")
    }

    var needs: AuthNeeds { endpoint.stepsUp ? .stepUp : [] }

    func authorize(_ request: AuthRequest, reply: AuthReply) {
        if request.purpose == .probe {
            guard let probe else { return reply.pass() }
            return endpoint.grant(probe, of: 0, for: request, from: tokens, reply: reply) { [self] in
                $0.answer(scope: .backend, key: key, header: header)
            }
        }
        subject.get(for: request) { [self] result in
            switch result {
            case .failure(let error): reply.refuse(Outcome(error.status, error.message))
            case .success(let token):
                var exchange = exchange
                exchange.add("subject_token", token)
                endpoint.grant(exchange, of: request.identity, for: request, from: tokens, reply: reply) { [self] in
                    $0.answer(scope: .identity, key: key, header: header)
                }
            }
        }
    }

    /// RFC 8693, section 3; the short names are ToolHive's.
    private static func tokenType(_ text: String?) throws(PluginError) -> String {
        let name = (text ?? "access_token").replacing(prefix, with: "")
        guard ["access_token", "id_token", "jwt"].contains(name) else {
            throw PluginError(.invalid, "subjectTokenType: expected access_token, id_token, jwt, or the URN of one")
        }
        return prefix + name
    }
}
