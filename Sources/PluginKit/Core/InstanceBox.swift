import PluginAPI

/// What stands behind the ABI's `instance`: the author's object, its services, its calls and its capability tables.
final class InstanceBox: Sendable {
    let instance: any PluginInstance
    /// The instance once more: a cast to a protocol with each message would cost more than the message.
    let backend: (any BackendPlugin)?
    let services: HostServices
    let calls = CallRegistry()
    private let tables: Tables

    /// Capability tables, one set an instance, since traits and flags differ between instances.
    private struct Tables: @unchecked Sendable {
        // Written once, before the box is published, and freed in deinit, after the host let go of them.
        var byID: [String: UnsafeMutableRawPointer] = [:]

        mutating func add<Table>(_ id: Capability, _ table: Table?) {
            guard let table else { return }
            let pointer = UnsafeMutablePointer<Table>.allocate(capacity: 1)
            pointer.initialize(to: table)
            byID[id.rawValue] = UnsafeMutableRawPointer(pointer)
        }
    }

    init(_ instance: any PluginInstance, _ services: HostServices) {
        self.instance = instance
        self.services = services
        backend = instance as? any BackendPlugin
        var tables = Tables()
        tables.add(.backend, backend.map(vmcp_backend.init(exporting:)))
        tables.add(.auth, (instance as? any AuthStrategy).map(vmcp_auth.init(exporting:)))
        tables.add(.embedding, (instance as? any EmbeddingProvider).map(vmcp_embedding.init(exporting:)))
        tables.add(.health, (instance as? any HealthProbe).map(vmcp_health.init(exporting:)))
        tables.add(.resources, (instance as? any ResourceReporter).map(vmcp_resources.init(exporting:)))
        self.tables = tables
    }

    deinit {
        for table in tables.byID.values { table.deallocate() }
    }

    /// The table of a capability; valid until the instance is destroyed.
    func table(_ id: String) -> UnsafeRawPointer? { tables.byID[id].map { UnsafeRawPointer($0) } }

    /// A call as authors see it.
    func call(_ call: UnsafePointer<vmcp_call>?) -> Call? { call.map { Call($0, registry: calls) } }

    /// The pointer that crosses; given back by ``release(_:)``.
    func retained() -> UnsafeMutableRawPointer { Unmanaged.passRetained(self).toOpaque() }

    /// The box behind a pointer that the host passes.
    static func borrowed(_ pointer: UnsafeMutableRawPointer?) -> InstanceBox? {
        pointer.map { Unmanaged<InstanceBox>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Lets the instance go. Transfers, timers and processes have ended before, as the ABI promises.
    static func release(_ pointer: UnsafeMutableRawPointer?) {
        guard let pointer else { return }
        let box = Unmanaged<InstanceBox>.fromOpaque(pointer).takeRetainedValue()
        box.services.retire()
    }
}

extension vmcp_health {
    init(exporting probe: any HealthProbe) {
        self.init()
        struct_size = UInt32(MemoryLayout<Self>.size)
        check = { instance, call in
            guard let box = InstanceBox.borrowed(instance), let call = box.call(call) else { return }
            (box.instance as? any HealthProbe)?.check(call)
        }
    }
}

extension vmcp_resources {
    init(exporting reporter: any ResourceReporter) {
        self.init()
        struct_size = UInt32(MemoryLayout<Self>.size)
        usage = { instance, target in
            guard let target, let reporter = InstanceBox.borrowed(instance)?.instance as? any ResourceReporter else {
                return
            }
            let usage = reporter.usage
            var full = vmcp_usage()
            full.struct_size = target.pointee.struct_size
            full.processes = UInt32(clamping: usage.processes)
            full.memory_bytes = usage.memory
            full.cpu_ms = usage.processorTime
            full.sessions = UInt64(usage.sessions)
            // Only as much as the caller has room for.
            let count = min(Int(full.struct_size), MemoryLayout<vmcp_usage>.size)
            withUnsafeBytes(of: &full) {
                UnsafeMutableRawPointer(target).copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: count)
            }
        }
    }
}
