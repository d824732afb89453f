import HostPlugins
import HostServices

/// Hands the services of this process to plugin instances.
struct PluginHostTables: HostTableProvider {
    let hub: ServiceHub
    /// Which addresses a resource's requests may go to.
    let policy: @Sendable (_ kind: String, _ name: String) -> NetworkPolicy
    /// What the exchanges of a resource are held to, by its name.
    let limits: BackendExchanges

    func makeHost(
        plugin: String, kind: String, name: String, onState: @escaping @Sendable (ReportedState) -> Void
    ) -> any HostTable {
        let label = InstanceLabel(plugin: plugin, kind: kind, name: name)
        return hub.makeHost(
            for: label, policy: policy(kind, name), limits: limits[name], delegate: Delegate(onState: onState))
    }

    private struct Delegate: InstanceDelegate {
        let onState: @Sendable (ReportedState) -> Void
        func instance(_ label: InstanceLabel, became state: InstanceState, reason: String) {
            let level: ReportedState.Level =
                switch state {
                case .ready: .ready
                case .degraded: .degraded
                case .down: .down
                }
            onState(ReportedState(level, reason: reason))
        }
    }
}

extension InstanceHost: HostTable {}
