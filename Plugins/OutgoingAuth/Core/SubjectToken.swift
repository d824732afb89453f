import PluginKit

/// Whose token a strategy starts from: the one that the caller showed to the gateway, or one that an upstream provider
/// issued to the caller.
struct SubjectToken: Sendable {
    /// Name of the upstream provider; `nil` = the caller's own token.
    let provider: String?
    /// `access_token` or `id_token`.
    let kind: String
    let identity: IdentityService

    init(provider: String?, kind: String = "access_token", identity: IdentityService) {
        self.provider = provider
        self.kind = kind
        self.identity = identity
    }

    /// Hands on the token; `completion` is called exactly once.
    func get(
        for request: AuthRequest, _ completion: @escaping @Sendable (Result<String, PluginError>) -> Void
    ) {
        guard request.identity != 0 else {
            return completion(.failure(PluginError(.unauthenticated, "no identity found in context")))
        }
        guard let provider else { return completion(own(request.identity)) }
        identity.upstreamToken(request.identity, provider: provider, kind: kind) { outcome, token in
            let value = token.reveal()
            guard outcome.status == .ok, !value.isEmpty else {
                let why = "provider \"\(provider)\": upstream token not found"
                return completion(.failure(PluginError(.unauthenticated, why)))
            }
            completion(.success(value))
        }
    }

    private func own(_ number: UInt64) -> Result<String, PluginError> {
        do throws(PluginError) {
            let token = try identity.token(number).reveal()
            guard !token.isEmpty else { throw PluginError(.unauthenticated, "identity has no token") }
            return .success(token)
        } catch {
            return .failure(
                error.status == .unauthenticated
                    ? error : PluginError(.unauthenticated, "no identity found in context"))
        }
    }
}
