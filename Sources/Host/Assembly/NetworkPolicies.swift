import HostConfiguration
import HostServices
import Synchronization

/// Which addresses each backend's requests may go to, as the configuration decided.
final class NetworkPolicies: Sendable {
    private let policies = Mutex<[String: NetworkPolicy]>([:])

    func set(_ backends: [BackendConfiguration]) {
        policies.withLock { policies in
            for backend in backends {
                policies["\(backend.kind)/\(backend.name)"] = NetworkPolicy(
                    allowPrivate: backend.reach?.allowsPrivate ?? false,
                    allowLoopback: backend.reach?.allowsLoopback ?? false)
            }
        }
    }

    func policy(kind: String, name: String) -> NetworkPolicy {
        policies.withLock { $0["\(kind)/\(name)"] } ?? NetworkPolicy(allowPrivate: false, allowLoopback: false)
    }
}
