import PluginAPI

/// `vmcp.secrets/1`.
enum SecretsTable {
    static let table = vmcp_secrets(
        struct_size: UInt32(MemoryLayout<vmcp_secrets>.size), reserved: 0,
        get: { host, handle, value in
            guard let value else { return vmcp_status(VMCP_INVALID) }
            guard let instance = HostTable.instance(of: host), let handle = handle.exactText,
                let secret = instance.hub.secrets.value(of: handle)
            else { return vmcp_status(VMCP_NOT_FOUND) }
            return value.fill(with: secret)
        },
        watch: { host, handle, context, changed in
            guard let instance = HostTable.instance(of: host), let handle = handle.exactText, let changed else {
                return 0
            }
            let watch = instance.hub.secrets.nextWatch()
            let context = PluginContext(pointer: context)
            guard instance.ledger.begin(.watch(watch)) == .start,
                instance.hub.secrets.start(watch, on: handle, changed: { changed(context.pointer) })
            else {
                instance.ledger.end(.watch(watch))
                return 0
            }
            return watch
        },
        unwatch: { host, watch in
            guard let instance = HostTable.instance(of: host), instance.ledger.contains(.watch(watch)) else { return }
            instance.hub.secrets.stop(watch)
            instance.ledger.end(.watch(watch))
        })
}
