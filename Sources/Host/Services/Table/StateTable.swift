import Logging
import PluginAPI

/// `vmcp.state/1`.
enum StateTable {
    static let table = vmcp_state(
        struct_size: UInt32(MemoryLayout<vmcp_state>.size), reserved: 0,
        set: { host, state, reason in
            guard let instance = HostTable.instance(of: host) else { return }
            guard let state = InstanceState(rawValue: state) else {
                return instance.logger.error(
                    "plugin reports a state that does not exist", metadata: ["state": "\(state)"])
            }
            instance.delegate?.instance(instance.label, became: state, reason: reason.text)
        })
}
