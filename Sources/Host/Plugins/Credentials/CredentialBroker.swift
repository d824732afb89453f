import Gateway
package import HostServices
import Synchronization

/// The strategy of one backend as the http service asks it: keeps credentials until shortly before their end, asks once
/// at a time for the same one, and anew after a 401; after a 403 for want of scopes it asks strategies that may get them.
///
/// Nothing is written anywhere and nothing is logged: credentials live in memory only.
package final class CredentialBroker: RequestAuthorizer {
    /// Most credentials kept for one backend; above it the one unused for longest goes.
    package static let capacity = 10_000
    /// The longest wait for a strategy, in milliseconds. A token endpoint has 30 s, and `xaa` asks two.
    static let patience: UInt64 = 65_000

    private typealias Completion = @Sendable (Authorization) -> Void
    private struct Waiter: Sendable {
        let request: AuthorizableRequest
        let completion: Completion
    }

    private let backend: String
    private let type: String
    private let source: any CredentialSource
    private let identities: IdentityStore
    private let now: @Sendable () -> UInt64
    private let cache: Mutex<CredentialCache<Waiter>>

    /// - Parameters:
    ///   - backend: Its name, for the strategy and for messages.
    ///   - type: Of the strategy, for messages.
    ///   - now: Unix time in milliseconds.
    package init(
        backend: String, type: String, source: any CredentialSource, identities: IdentityStore,
        capacity: Int = CredentialBroker.capacity, now: @escaping @Sendable () -> UInt64
    ) {
        self.backend = backend
        self.type = type
        self.source = source
        self.identities = identities
        self.now = now
        cache = Mutex(CredentialCache(capacity: capacity, isPerRequest: source.needsBody))
    }

    package var stepsUp: Bool { source.stepsUp }

    /// How many credentials are kept.
    package var kept: Int { cache.withLock { $0.count } }

    package func authorize(_ request: AuthorizableRequest, completion: @escaping @Sendable (Authorization) -> Void) {
        var request = request
        // The gateway's own requests, which nobody caused: listing, discovery, health.
        if request.identity == 0, request.purpose == .call { request.purpose = .probe }
        guard let key = key(of: request) else {
            return completion(
                .refused(ServiceOutcome(.unauthenticated, words("the identity is not known any more"), notSent: true)))
        }
        if request.lacksScopes { return stepUp(request, key, completion) }
        if source.needsIdentity, key.isProbe {
            return completion(request.attempt > 1 ? withoutUser : .unchanged)
        }
        if request.attempt > 1 {
            let dropped = cache.withLock { $0.refused(key, request.refused) }
            if let dropped { source.invalidate(dropped) }
        }
        let waiter = Waiter(request: request, completion: completion)
        switch cache.withLock({ $0.ask(key, now: now(), waiter: waiter) }) {
        case .use(let answer): completion(.changes(answer.changes))
        case .wait: break
        case .askAlone: obtain(waiter) { completion($0) }
        case .ask:
            obtain(request) { [self, request] result in
                let release = cache.withLock { $0.answered(key, result, now: now()) }
                completion(authorization(result, for: request))
                switch release {
                case .share(let waiters, let result):
                    for waiter in waiters { waiter.completion(authorization(result, for: waiter.request)) }
                case .askAlone(let waiters):
                    for waiter in waiters { obtain(waiter) { waiter.completion($0) } }
                }
            }
        }
    }

    /// Asks for a credential with more scopes. Until there is one, the one before serves all requests that it suffices for; so
    /// nothing is dropped, and nobody waits for this.
    private func stepUp(
        _ request: AuthorizableRequest, _ key: CredentialCache<Waiter>.Key, _ completion: @escaping Completion
    ) {
        obtain(request) { [self] result in
            guard case .success(let answer?) = result, answer.changes != request.refused else {
                return completion(.unchanged)
            }
            cache.withLock { $0.widened(key, answer, now: now()) }
            completion(.changes(answer.changes))
        }
    }

    /// `nil` when the identity is forgotten.
    private func key(of request: AuthorizableRequest) -> CredentialCache<Waiter>.Key? {
        guard request.identity != 0 else { return CredentialCache.Key(isProbe: true, identity: nil) }
        guard let identity = identities[request.identity] else { return nil }
        return CredentialCache.Key(isProbe: request.purpose == .probe, identity: identity.key)
    }

    private func obtain(_ waiter: Waiter, _ completion: @escaping Completion) {
        obtain(waiter.request) { [self] in completion(authorization($0, for: waiter.request)) }
    }

    private func obtain(
        _ request: AuthorizableRequest, _ completion: @escaping @Sendable (Result<AuthAnswer?, Outcome>) -> Void
    ) {
        let question = AuthRequest(
            purpose: AuthRequest.Purpose(rawValue: request.purpose.rawValue) ?? .call, attempt: Int(request.attempt),
            backend: backend, method: request.method, url: request.url,
            headers: request.headers.map { Header($0.name, $0.value) }, body: source.needsBody ? request.body : [],
            challenge: request.challenge)
        source.obtain(
            question, context: CallContext(deadline: MonotonicClock.now() + Self.patience, identity: request.identity),
            completion: completion)
    }

    /// The backend wants a credential for the gateway's own request, and there is none.
    private var withoutUser: Authorization {
        let why =
            "the backend does not tell what it offers without a credential, and this strategy has none but those of users; "
            + "give it a client of the gateway's own (clientId and its secret) if it takes one, or let the backend be listed "
            + "without"
        return .refused(ServiceOutcome(.unauthenticated, words(why)))
    }

    private func authorization(
        _ result: Result<AuthAnswer?, Outcome>, for request: AuthorizableRequest
    ) -> Authorization {
        switch result {
        case .success(let answer?): return .changes(answer.changes)
        case .success(nil) where request.attempt > 1 && request.purpose == .probe: return withoutUser
        case .success(nil): return .unchanged
        case .failure(let outcome):
            // Whatever went wrong on the way to a credential: the request is not sent without one.
            var refusal = ServiceOutcome(.unauthenticated, words(outcome.message), notSent: true)
            refusal.retryAfter = outcome.retryAfter
            return .refused(refusal)
        }
    }

    private func words(_ reason: String) -> String {
        "authentication failed for backend \(backend): \(type): \(reason.isEmpty ? "no reason was given" : reason)"
    }
}
