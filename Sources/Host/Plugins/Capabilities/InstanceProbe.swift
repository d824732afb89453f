package import Gateway
import PluginAPI

/// The optional capabilities that tell how an instance is: `vmcp.health/1` and `vmcp.resources/1`.
package struct InstanceProbe: Sendable {
    /// What an instance uses (`vmcp_usage`); 0 where not known.
    package struct Usage: Sendable, Equatable {
        /// Child processes alive.
        package var processes: Int
        package var memoryBytes: UInt64
        /// Processor time since start, in milliseconds.
        package var processorTime: UInt64
        package var sessions: UInt64
    }

    private let instance: PluginInstance
    private let health: CapabilityTable<vmcp_health>?
    private let resources: CapabilityTable<vmcp_resources>?

    init(_ instance: PluginInstance) {
        self.instance = instance
        health = instance.capability(VMCP_HEALTH, as: vmcp_health.self)
        resources = instance.capability(VMCP_RESOURCES, as: vmcp_resources.self)
    }

    /// Whether ``check(context:observer:)`` can be used.
    package var checks: Bool { health?.functions.check != nil }

    /// Looks whether the instance can serve; ends with ``Outcome/Status/unsupported`` when the plugin offers no probe.
    /// - Returns: The call's number.
    @discardableResult
    package func check(context: CallContext, observer: any BackendCallObserver) -> UInt64 {
        guard let health, checks else {
            observer.ended(Outcome(.unsupported, notSent: true, message: "the plugin has no probe"), last: [])
            return instance.ledger.nextNumber().rawValue
        }
        return instance.call(context, observer) { handle, call in health.functions.check?(handle, call) }.rawValue
    }

    /// As ``check(context:observer:)``, awaited.
    package func check(context: CallContext) async -> Outcome {
        let call = AwaitedCall()
        check(context: context, observer: call)
        return await call.outcome()
    }

    /// What the instance uses; `nil` when the plugin does not tell or the instance has ended.
    package func usage() -> Usage? {
        guard let usage = resources?.functions.usage else { return nil }
        var used = vmcp_usage()
        used.struct_size = UInt32(MemoryLayout<vmcp_usage>.size)
        let told: Void? = instance.direct { usage($0, &used) }
        guard told != nil else { return nil }
        return Usage(
            processes: Int(used.processes), memoryBytes: used.memory_bytes, processorTime: used.cpu_ms,
            sessions: used.sessions)
    }
}
