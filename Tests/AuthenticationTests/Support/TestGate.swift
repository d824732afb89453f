import Gateway
import Logging
import Synchronization

@testable import HostAuthentication

/// A gate in front of a ``TestIssuer``, with clocks that stand until they are moved.
final class TestGate: Sendable {
    let issuer: TestIssuer
    let gate: TokenGate
    let identities = Registry()
    /// Unix time and the clock of fetches, in seconds.
    private let time: Time

    final class Time: Sendable { let value = Mutex(1_000_000.0) }

    final class Registry: IdentityRegistry {
        let registered = Mutex<[(claims: String, key: [UInt8])]>([])
        private final class Number: CallerIdentity {
            let number: UInt64
            init(_ number: UInt64) { self.number = number }
        }
        func register(claims: [UInt8], token: [UInt8], key: [UInt8]) -> any CallerIdentity {
            registered.withLock { registered in
                registered.append((String(decoding: claims, as: UTF8.self), key))
                return Number(UInt64(registered.count))
            }
        }
    }

    init(_ change: (inout OIDCSettings) -> Void = { _ in }) throws {
        issuer = try TestIssuer()
        var settings = OIDCSettings(issuer: TestIssuer.name, audience: TestIssuer.audience)
        settings.resource = TestIssuer.audience
        change(&settings)
        let time = Time()
        self.time = time
        gate = TokenGate(
            settings, fetch: issuer, identities: identities,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: { time.value.withLock { $0 } }, now: { time.value.withLock { $0 } }, pause: { _ in })
    }

    func advance(_ seconds: Double) { time.value.withLock { $0 += seconds } }

    /// What becomes of a request with this header, as the HTTP side asks: at once, or with a look at the token.
    func answer(_ authorization: [String]) async -> Result<Principal, TokenGate.Refusal> {
        if let known = gate.judge(authorization) { return known }
        return await gate.admit(authorization)
    }

    func answer(token: String) async -> Result<Principal, TokenGate.Refusal> { await answer(["Bearer \(token)"]) }

    func refusal(_ token: String) async -> TokenGate.Refusal? {
        if case .failure(let refusal) = await answer(token: token) { refusal } else { nil }
    }

    func subject(_ token: String) async -> String? {
        if case .success(let principal) = await answer(token: token) { principal.subject } else { nil }
    }
}
