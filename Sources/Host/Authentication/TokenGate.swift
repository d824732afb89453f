package import Gateway
package import HostServices
package import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The gateway as a resource server: lets requests in by their bearer token, and says what it wants of others.
package final class TokenGate: Sendable {
    /// An answer to a request that is not let in.
    package struct Refusal: Error, Sendable, Equatable {
        package let status: Int
        /// The value of `WWW-Authenticate`.
        package let challenge: String
        /// JSON.
        package let body: [UInt8]
    }

    private let validator: TokenValidator
    private let challenge: Challenge
    /// The metadata of RFC 9728; `nil` when no resource identifier is known.
    package let metadata: [UInt8]?

    /// - Parameters:
    ///   - engine: Asks the issuer.
    ///   - identities: Where plugins find whose a request is.
    package convenience init(
        _ settings: OIDCSettings, engine: HTTPEngine, identities: any IdentityRegistry, log: Logger
    ) {
        self.init(
            settings, fetch: IssuerFetch(engine, settings), identities: identities, log: log,
            clock: { Double(MonotonicClock.now()) / 1_000 }, now: { Date.now.timeIntervalSince1970 },
            pause: { milliseconds in
                // Cancelled only with the process.
                try? await Task.sleep(for: .milliseconds(milliseconds))
            })
    }

    init(
        _ settings: OIDCSettings, fetch: any DocumentFetch, identities: any IdentityRegistry, log: Logger,
        clock: @escaping @Sendable () -> Double, now: @escaping @Sendable () -> Double,
        pause: @escaping @Sendable (Int) async -> Void
    ) {
        let keys = IssuerKeys(settings, fetch: fetch, clock: clock, pause: pause, log: log)
        validator = TokenValidator(settings, keys: keys, fetch: fetch, identities: identities, now: now)
        challenge = Challenge(settings: settings)
        metadata = ProtectedResource(settings).document
    }

    /// Judges at once what needs no look at the token: a missing one, and one that was found good before.
    ///
    /// - Parameter authorization: The values of every `Authorization` header.
    /// - Returns: `nil` when the token has to be looked at with ``admit(_:)``.
    package func judge(_ authorization: [String]) -> Result<Principal, Refusal>? {
        do throws(TokenFault) {
            return validator.known(try BearerToken.read(authorization)).map { .success($0) }
        } catch {
            return .failure(refusal(error))
        }
    }

    /// Looks at the token.
    package func admit(_ authorization: [String]) async -> Result<Principal, Refusal> {
        do throws(TokenFault) {
            return .success(try await validator.validate(String(try BearerToken.read(authorization))))
        } catch {
            return .failure(refusal(error))
        }
    }

    private func refusal(_ fault: TokenFault) -> Refusal {
        Refusal(status: fault.status, challenge: challenge.header(fault), body: challenge.body(fault))
    }
}
