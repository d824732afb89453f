import PluginKit

/// `xaa`: access across applications. The identity provider turns the caller's ID token into an assertion for the target's
/// authorization server, which turns that into an access token.
final class CrossApplication: AuthStrategy {
    private let assertion: TokenRequest
    private let target: TokenRequest
    private let probe: TokenRequest?
    private let audience: String
    private let resource: String?
    private let subject: SubjectToken
    private let key: String
    private let tokens: TokenClient
    private let log: LogService

    init(_ settings: StrategySettings, _ tokens: TokenClient, _ host: HostServices) throws(PluginError) {
        let idToken = "urn:ietf:params:oauth:token-type:id_token"
        if let type = try settings.text("subjectTokenType"), type != idToken {
            throw PluginError(.invalid, "subjectTokenType: expected \(idToken), the only one of this grant")
        }
        audience = try settings.required("targetAudience")
        resource = try settings.text("targetResource")
        let scope = try settings.texts("scopes").joined(separator: " ")
        subject = SubjectToken(
            provider: try settings.required("subjectProviderName"), kind: "id_token", identity: host.identity)

        let idp = try Self.client("idp", settings)
        var assertion = TokenRequest(
            step: "identity assertion", url: try settings.url("idpTokenUrl", insecure: false), client: idp,
            fields: [("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")])
        assertion.add("requested_token_type", IdentityAssertion.tokenType)
        assertion.add("subject_token_type", idToken)
        assertion.add("audience", audience)
        assertion.add("resource", resource)
        assertion.add("scope", scope)
        assertion.requiredMembers = ["issued_token_type"]
        self.assertion = assertion

        let client = try Self.client("target", settings)
        let url = try settings.url("targetTokenUrl", insecure: settings.boolean("insecureTargetTokenUrl"))
        var target = TokenRequest(
            step: "JWT bearer grant", url: url, client: client,
            fields: [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")])
        target.add("scope", scope)
        self.target = target
        var probe = TokenRequest(
            step: "client credentials grant", url: url, client: client, fields: [("grant_type", "client_credentials")])
        probe.add("audience", audience)
        self.probe = client.isConfidential ? probe : nil
        key = [audience, resource ?? "", scope].joined(separator: "\n")
        self.tokens = tokens
        log = host.log
    }

    private static func client(_ side: String, _ settings: StrategySettings) throws(PluginError) -> TokenRequest.Client
    {
        let client = try settings.client(id: "\(side)ClientId", secret: "\(side)ClientSecretRef")
        guard (client.id == nil) == (client.secret == nil) else {
            throw PluginError(.invalid, "\(side)ClientId, \(side)ClientSecretRef: expected both or neither, found one")
        }
        return client
    }

    func authorize(_ request: AuthRequest, reply: AuthReply) {
        if request.purpose == .probe {
            guard let probe else { return reply.pass() }
            return tokens.ask(probe) { [key] in reply.settle($0) { $0.answer(scope: .backend, key: key) } }
        }
        subject.get(for: request) { [self] result in
            switch result {
            case .failure(let error): reply.refuse(Outcome(error.status, error.message))
            case .success(let token): assert(token, reply)
            }
        }
    }

    private func assert(_ token: String, _ reply: AuthReply) {
        var ask = assertion
        ask.add("subject_token", token)
        tokens.ask(ask) { [self] result in
            do throws(PluginError) {
                let assertion = try checked(result)
                var ask = target
                ask.add("assertion", assertion)
                tokens.ask(ask) { [key] in reply.settle($0) { $0.answer(scope: .identity, key: key) } }
            } catch {
                reply.refuse(Outcome(error.status, error.message))
            }
        }
    }

    private func checked(_ result: Result<IssuedToken, PluginError>) throws(PluginError) -> String {
        let issued = try result.get()
        guard issued.issuedTokenType == IdentityAssertion.tokenType, issued.tokenType.isSameText(as: "N_A") else {
            throw PluginError(
                .protocolError, "identity assertion failed: expected a token of type id-jag, found another")
        }
        let assertion = try IdentityAssertion(issued.token)
        try assertion.check(audience: audience, resource: resource)
        if assertion.type != IdentityAssertion.headerType {
            log.warning("The identity provider's assertion has another type than the grant's draft says")
        }
        return issued.token
    }
}
