import HostConfiguration
import HostServices
import Synchronization

/// Which addresses each backend's requests may go to, as the configuration decided.
final class NetworkPolicies: Sendable {
    private let policies = Mutex<[String: NetworkPolicy]>([:])

    /// A backend's token endpoints may be where the backend itself may be.
    func set(_ configuration: GatewayConfiguration) {
        policies.withLock { policies in
            for backend in configuration.backends {
                let policy = NetworkPolicy(
                    allowPrivate: backend.reach?.allowsPrivate ?? false,
                    allowLoopback: backend.reach?.allowsLoopback ?? false)
                policies["\(backend.kind)/\(backend.name)"] = policy
                let type = configuration.outgoingAuth.strategies[backend.name]?.type ?? ""
                policies["\(type)/\(backend.name)"] = policy
            }
        }
    }

    /// The embedding service may be where the configuration says.
    func set(_ optimizer: OptimizerConfiguration) {
        let policy = NetworkPolicy(
            allowPrivate: optimizer.reach.allowsPrivate, allowLoopback: optimizer.reach.allowsLoopback)
        policies.withLock { $0["\(optimizer.provider ?? "")/\(PluginEmbeddings.instanceName)"] = policy }
    }

    func policy(kind: String, name: String) -> NetworkPolicy {
        policies.withLock { $0["\(kind)/\(name)"] } ?? NetworkPolicy(allowPrivate: false, allowLoopback: false)
    }
}
