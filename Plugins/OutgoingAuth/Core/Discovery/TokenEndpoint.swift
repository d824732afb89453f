import PluginKit

/// Where a strategy asks for tokens: an endpoint that is written down, or one of an issuer, found by the backend's metadata.
struct TokenEndpoint: Sendable {
    private enum Place: Sendable {
        case url(String)
        case issuer(EndpointDiscovery)
    }

    private let place: Place
    private let log: LogService

    /// Reads `tokenUrl` or `issuer`.
    init(_ settings: StrategySettings, _ tokens: TokenClient, _ log: LogService) throws(PluginError) {
        let (issuer, url) = (try settings.text("issuer"), try settings.text("tokenUrl"))
        guard issuer == nil || url == nil else {
            throw PluginError(.invalid, "tokenUrl, issuer: expected one of them, found both; remove one")
        }
        self.log = log
        guard let issuer else {
            place = .url(try settings.url("tokenUrl"))
            return
        }
        _ = try settings.url("issuer", insecure: false)
        place = .issuer(EndpointDiscovery(issuer: issuer, http: tokens.http, now: tokens.now))
    }

    /// Completes a question with where it goes, and with resource and scopes where the settings leave them to the backend.
    ///
    /// - Parameters:
    ///   - template: Its fields begin with `grant_type`.
    ///   - completion: Called exactly once, from any thread. `nil`: nothing is known yet, and the gateway's own request may
    ///     go out as it is, so that the backend's challenge tells.
    func complete(
        _ template: TokenRequest, for request: AuthRequest,
        _ completion: @escaping @Sendable (Result<TokenRequest?, PluginError>) -> Void
    ) {
        var question = template
        switch place {
        case .url(let url):
            question.url = url
            completion(.success(question))
        case .issuer(let discovery):
            discovery.find(for: request) { [log] result in
                switch result {
                case .success(let found):
                    completion(Self.question(template, found, request))
                case .failure(let error):
                    if error.status == .notFound, request.purpose == .probe, request.attempt == 1 {
                        return completion(.success(nil))
                    }
                    // A second attempt ends with the backend's 401, which does not say this.
                    if request.attempt > 1 { log.warning("No token for this backend: \(error.message)") }
                    completion(.failure(PluginError(.unauthenticated, error.message)))
                }
            }
        }
    }

    private static func question(
        _ template: TokenRequest, _ found: EndpointDiscovery.Found, _ request: AuthRequest
    ) -> Result<TokenRequest?, PluginError> {
        var question = template
        let grant = template.fields.first { $0.name == "grant_type" }?.value ?? ""
        if let grants = found.issuer.grants, !grants.contains(grant) {
            return .failure(PluginError(.unsupported, "the issuer does not offer the grant type \(grant)"))
        }
        (question.url, question.client.method) = (found.issuer.tokenURL, found.issuer.method)
        func has(_ name: String) -> Bool { question.fields.contains { $0.name == name } }
        if !has("resource") { question.add("resource", found.resource.resource) }
        if !has("scope") {
            let asked = BearerChallenge(request.challenge)?.scopes ?? []
            question.add("scope", (asked.isEmpty ? found.resource.scopes : asked).joined(separator: " "))
        }
        return .success(question)
    }
}
