package import Gateway

/// Where credentials come from: an auth plugin, or in tests a script.
package protocol CredentialSource: Sendable {
    /// The body is part of what is signed.
    var needsBody: Bool { get }
    /// Without an identity there is no credential.
    var needsIdentity: Bool { get }
    /// It may get a credential with more scopes.
    var stepsUp: Bool { get }
    /// Finds the credential of one request; calls `completion` exactly once, from any thread. `nil` leaves the request as
    /// it is.
    func obtain(
        _ request: AuthRequest, context: CallContext,
        completion: @escaping @Sendable (Result<AuthAnswer?, Outcome>) -> Void)
    /// The answer with this cache key was refused.
    func invalidate(_ cacheKey: [UInt8])
}

extension CredentialSource {
    package var stepsUp: Bool { false }
}

extension PluginAuthStrategy: CredentialSource {
    package func obtain(
        _ request: AuthRequest, context: CallContext,
        completion: @escaping @Sendable (Result<AuthAnswer?, Outcome>) -> Void
    ) {
        authorize(request, context: context, completion: completion)
    }
}
