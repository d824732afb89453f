import Logging
package import PluginAPI

/// What one plugin instance sees of the host: its `vmcp_host`, and everything it has going on with the services.
///
/// The order at the end of an instance: `quiesce`, ``endActivities()``, `destroy`, ``release()``.
package final class InstanceHost: Sendable {
    package let label: InstanceLabel
    package let policy: NetworkPolicy
    let limits: ExchangeLimits
    let hub: ServiceHub
    let delegate: (any InstanceDelegate)?
    let logger: Logger
    let ledger = ActivityLedger()
    let upstreamRequests = UpstreamRequests()
    private let slot: HostTable.Slot

    init(
        hub: ServiceHub, label: InstanceLabel, policy: NetworkPolicy, limits: ExchangeLimits,
        delegate: (any InstanceDelegate)?
    ) {
        self.hub = hub
        self.label = label
        self.policy = policy
        self.limits = limits
        self.delegate = delegate
        var logger = hub.logger
        logger[metadataKey: "plugin"] = "\(label.plugin)"
        logger[metadataKey: "resource"] = "\(label.kind)/\(label.name)"
        self.logger = logger
        slot = HostTable.makeSlot(version: hub.version)
        HostTable.enter(self, in: slot)
    }

    /// For `vmcp_plugin.create`. Valid until ``release()``, and harmless for some time after.
    package var pointer: UnsafePointer<vmcp_host> { UnsafePointer(slot.pointer) }

    /// Ends the instance's exchanges, timers, processes and watches.
    ///
    /// Returns when no function of the instance runs or will be called by a service. Never call it from such a
    /// function. The table still works, for `destroy`, but starts nothing any more.
    package func endActivities() async {
        for activity in ledger.close() {
            switch activity {
            case .exchange(let number): hub.http.cancel(number)
            case .timer(let number): if hub.timers.cancel(number) { ledger.end(activity) }
            case .watch(let number):
                hub.secrets.stop(number)
                ledger.end(activity)
            case .process(let number): hub.processes.end(number)
            case .token(let number):
                let outcome = ServiceOutcome(.cancelled, "the instance is being ended")
                upstreamRequests.finish(number, .failure(outcome), in: ledger)
            }
        }
        await ledger.becameEmpty()
    }

    /// Takes the table back, after ``endActivities()``, which it calls if need be. Idempotent.
    package func release() async {
        await endActivities()
        HostTable.leave(slot)
    }
}
