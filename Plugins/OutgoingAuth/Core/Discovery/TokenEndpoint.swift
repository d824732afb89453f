import PluginKit
import Synchronization

/// Where a strategy asks for tokens: an endpoint that is written down, or one of an issuer, found by the backend's metadata.
final class TokenEndpoint: Sendable {
    private enum Place: Sendable {
        case url(String)
        case issuer(EndpointDiscovery)
    }

    private let place: Place
    private let log: LogService
    private let asked = Mutex(AskedScopes())
    /// Whether the backend may ask for more scopes: the settings leave them to it.
    let stepsUp: Bool

    /// Reads `tokenUrl` or `issuer`.
    init(_ settings: StrategySettings, _ tokens: TokenClient, _ log: LogService) throws(PluginError) {
        let (issuer, url) = (try settings.text("issuer"), try settings.text("tokenUrl"))
        guard issuer == nil || url == nil else {
            throw PluginError(.invalid, "tokenUrl, issuer: expected one of them, found both; remove one")
        }
        self.log = log
        let scopes = try settings.texts("scopes")
        stepsUp = issuer != nil && scopes.isEmpty
        guard let issuer else {
            place = .url(try settings.url("tokenUrl"))
            return
        }
        _ = try settings.url("issuer", insecure: false)
        place = .issuer(EndpointDiscovery(issuer: issuer, http: tokens.http, now: tokens.now))
    }

    /// Asks for the token of a request and answers with it.
    ///
    /// A 403 for want of scopes stands where more cannot be had: it says what is missing.
    /// - Parameters:
    ///   - template: Its fields begin with `grant_type`.
    ///   - owner: Whose token it is; 0 = the gateway's.
    func grant(
        _ template: TokenRequest, of owner: UInt64, for request: AuthRequest, from tokens: TokenClient,
        reply: AuthReply, _ answer: @escaping @Sendable (IssuedToken) -> AuthAnswer
    ) {
        if request.isStepUp, !stepsUp { return reply.pass() }
        complete(template, of: owner, for: request) { [self] question in
            switch question {
            case .success(nil): reply.pass()
            case .failure(let error): refuse(error, request, reply)
            case .success(let question?):
                tokens.ask(question) { [self] result in
                    if case .failure(let error) = result {
                        asked.withLock { $0.refused(owner) }
                        return refuse(error, request, reply)
                    }
                    reply.settle(result, answer)
                }
            }
        }
    }

    private func refuse(_ error: PluginError, _ request: AuthRequest, _ reply: AuthReply) {
        guard request.isStepUp else { return reply.refuse(Outcome(error.status, error.message)) }
        log.warning("No token with the scopes that this backend asks for: \(error.message)")
        reply.pass()
    }

    /// Completes a question with where it goes, and with resource and scopes where the settings leave them to the backend.
    ///
    /// - Parameter completion: Called exactly once, from any thread. `nil`: nothing is known yet, and the gateway's own
    ///   request may go out as it is, so that the backend's challenge tells.
    private func complete(
        _ template: TokenRequest, of owner: UInt64, for request: AuthRequest,
        _ completion: @escaping @Sendable (Result<TokenRequest?, PluginError>) -> Void
    ) {
        var question = template
        switch place {
        case .url(let url):
            question.url = url
            completion(.success(question))
        case .issuer(let discovery):
            discovery.find(for: request) { [self] result in
                switch result {
                case .success(let found):
                    completion(self.question(template, found, owner, request))
                case .failure(let error):
                    if error.status == .notFound, request.purpose == .probe, request.attempt == 1 {
                        return completion(.success(nil))
                    }
                    // A second attempt ends with the backend's 401, which does not say this.
                    if request.attempt > 1, !request.isStepUp {
                        log.warning("No token for this backend: \(error.message)")
                    }
                    completion(.failure(PluginError(.unauthenticated, error.message)))
                }
            }
        }
    }

    private func question(
        _ template: TokenRequest, _ found: EndpointDiscovery.Found, _ owner: UInt64, _ request: AuthRequest
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
            let scopes = asked.withLock {
                $0.scopes(
                    owner, challenge: BearerChallenge(request.challenge), isStepUp: request.isStepUp,
                    supported: found.resource.scopes)
            }
            question.add("scope", scopes.joined(separator: " "))
        }
        return .success(question)
    }
}
