public import PluginAPI
import Synchronization

/// The way out of a Swift library: makes the ABI's table from a definition.
///
/// ```swift
/// public import PluginAPI
/// import PluginKit
///
/// @c @implementation public func vmcp_plugin_entry(_ hostABIMajor: UInt16) -> UnsafePointer<vmcp_plugin>? {
///     Plugin.export(definition, for: hostABIMajor)
/// }
/// ```
public enum Plugin {
    /// The most definitions that one image may export.
    public static let maximumDefinitions = 16

    private static let exported = Mutex<[Exported]>([])

    private struct Exported: @unchecked Sendable {
        // The table is written once, before it is published, and never freed.
        let definition: PluginDefinition
        let table: UnsafePointer<vmcp_plugin>
    }

    /// The table for the host's ABI major, the same at each call, or `nil` when the kit does not serve that major.
    ///
    /// The first definition with an id counts; later ones with the same id are taken for it. `nil` also for a seventeenth id.
    public static func export(_ definition: PluginDefinition, for hostABIMajor: UInt16) -> UnsafePointer<vmcp_plugin>? {
        guard hostABIMajor == UInt16(VMCP_ABI_MAJOR) else { return nil }
        return exported.withLock { exported in
            if let found = exported.first(where: { $0.definition.id == definition.id }) { return found.table }
            guard exported.count < maximumDefinitions else { return nil }
            let table = makeTable(definition, create: creators[exported.count])
            exported.append(Exported(definition: definition, table: table))
            return table
        }
    }

    /// `vmcp_plugin.create`.
    package typealias Create =
        @convention(c) (
            UnsafePointer<vmcp_host>?, vmcp_bytes, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
            UnsafeMutablePointer<vmcp_text>?
        ) -> vmcp_status

    /// One function a definition: `create` has no context that could say whose it is, and a C function pointer cannot
    /// capture one.
    private static let creators: [Create] = [
        { create(0, $0, $1, $2, $3) }, { create(1, $0, $1, $2, $3) }, { create(2, $0, $1, $2, $3) },
        { create(3, $0, $1, $2, $3) }, { create(4, $0, $1, $2, $3) }, { create(5, $0, $1, $2, $3) },
        { create(6, $0, $1, $2, $3) }, { create(7, $0, $1, $2, $3) }, { create(8, $0, $1, $2, $3) },
        { create(9, $0, $1, $2, $3) }, { create(10, $0, $1, $2, $3) }, { create(11, $0, $1, $2, $3) },
        { create(12, $0, $1, $2, $3) }, { create(13, $0, $1, $2, $3) }, { create(14, $0, $1, $2, $3) },
        { create(15, $0, $1, $2, $3) },
    ]

    private static func create(
        _ index: Int, _ host: UnsafePointer<vmcp_host>?, _ configuration: vmcp_bytes,
        _ instance: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: UnsafeMutablePointer<vmcp_text>?
    ) -> vmcp_status {
        create(exported.withLock { $0[index].definition }, host, configuration, instance, reason)
    }

    /// The body of `vmcp_plugin.create` for a definition.
    package static func create(
        _ definition: PluginDefinition, _ host: UnsafePointer<vmcp_host>?, _ configuration: vmcp_bytes,
        _ instance: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: UnsafeMutablePointer<vmcp_text>?
    ) -> vmcp_status {
        guard let host, let instance else {
            write("\(definition.id): the host passed no host table or no place for the instance", to: reason)
            return Status.internalError.rawValue
        }
        do {
            let services = HostServices(host)
            let configuration = try PluginConfiguration(json: [UInt8](configuration.buffer))
            let made = try definition.make(configuration, services)
            instance.pointee = InstanceBox(made, services).retained()
            return Status.ok.rawValue
        } catch {
            write(error.message, to: reason)
            return error.status == .ok ? Status.internalError.rawValue : error.status.rawValue
        }
    }

    /// A table that lives until the process ends.
    /// - Parameter create: Knows the definition by itself; for the host, which makes plugins at run time.
    package static func makeTable(
        _ definition: PluginDefinition, create: @escaping Create
    ) -> UnsafePointer<vmcp_plugin> {
        let table = UnsafeMutablePointer<vmcp_plugin>.allocate(capacity: 1)
        table.initialize(to: vmcp_plugin())
        table.pointee.magic = VMCP_ABI_MAGIC
        table.pointee.struct_size = UInt32(MemoryLayout<vmcp_plugin>.size)
        table.pointee.abi_major = UInt16(VMCP_ABI_MAJOR)
        table.pointee.abi_minor = UInt16(VMCP_ABI_MINOR)
        table.pointee.flags = definition.flags.rawValue
        table.pointee.id = permanent(definition.id)
        table.pointee.version = permanent(definition.version)
        table.pointee.config_schema = definition.configSchema.map(permanent)
        let provides = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: definition.provides.count + 1)
        for (index, capability) in definition.provides.enumerated() {
            (provides + index).initialize(to: permanent(capability.rawValue))
        }
        (provides + definition.provides.count).initialize(to: nil)
        table.pointee.provides = UnsafePointer(provides)
        table.pointee.create = create
        table.pointee.start = { instance, call in
            guard let box = InstanceBox.borrowed(instance), let call = box.call(call) else { return }
            box.instance.start(call)
        }
        table.pointee.capability = { instance, id in
            guard let box = InstanceBox.borrowed(instance), let id else { return nil }
            return box.table(String(cString: id))
        }
        table.pointee.cancel = { instance, call, reason in
            InstanceBox.borrowed(instance)?.calls.call(call)?.cancel(CancelReason(rawValue: reason) ?? .byClient)
        }
        table.pointee.resume = { instance, call in InstanceBox.borrowed(instance)?.calls.call(call)?.resume() }
        table.pointee.quiesce = { instance, call in
            guard let box = InstanceBox.borrowed(instance), let call = box.call(call) else { return }
            box.instance.quiesce(call)
        }
        table.pointee.destroy = { InstanceBox.release($0) }
        return UnsafePointer(table)
    }

    /// A C string that lives until the process ends.
    private static func permanent(_ text: String) -> UnsafePointer<CChar> {
        let bytes = text.utf8CString
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
        _ = copy.initialize(from: bytes)
        return UnsafePointer(copy.baseAddress.unsafelyUnwrapped)
    }
}
