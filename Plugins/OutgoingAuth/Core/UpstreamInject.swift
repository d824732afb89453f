import PluginKit

/// `upstream_inject`: the token that an upstream provider issued to the caller, as it is.
///
/// The host is asked each time: it keeps those tokens and renews them.
final class UpstreamInject: AuthStrategy {
    let needs: AuthNeeds = .identity
    private let subject: SubjectToken

    init(_ settings: StrategySettings, _ identity: IdentityService) throws(PluginError) {
        subject = SubjectToken(provider: try settings.required("providerName"), identity: identity)
    }

    func authorize(_ request: AuthRequest, reply: AuthReply) {
        subject.get(for: request) { result in
            switch result {
            case .failure(let error): reply.refuse(Outcome(error.status, error.message))
            case .success(let token): reply.grant(AuthAnswer(set: [Header("Authorization", "Bearer \(token)")]))
            }
        }
    }
}
