import PluginAPI
import Synchronization

@testable import HostPlugins

/// Host tables without services: the fixtures use none.
final class PlainHosts: HostTableProvider {
    private let tables = Mutex<[PlainHost]>([])

    func makeHost(
        plugin: String, kind: String, name: String, onState: @escaping @Sendable (ReportedState) -> Void
    ) -> any HostTable {
        let host = PlainHost(onState: onState)
        tables.withLock { $0.append(host) }
        return host
    }

    var made: [PlainHost] { tables.withLock { $0 } }
}

final class PlainHost: HostTable {
    // nonisolated(unsafe): written in init only.
    nonisolated(unsafe) let pointer: UnsafePointer<vmcp_host>
    let onState: @Sendable (ReportedState) -> Void
    private let steps = Mutex<[String]>([])

    init(onState: @escaping @Sendable (ReportedState) -> Void) {
        self.onState = onState
        let table = UnsafeMutablePointer<vmcp_host>.allocate(capacity: 1)
        table.initialize(to: vmcp_host())
        table.pointee.struct_size = UInt32(MemoryLayout<vmcp_host>.size)
        table.pointee.abi_major = UInt16(VMCP_ABI_MAJOR)
        table.pointee.service = { _, _ in nil }
        pointer = UnsafePointer(table)
    }

    deinit { pointer.deallocate() }

    func endActivities() async { steps.withLock { $0.append("end activities") } }
    func release() async { steps.withLock { $0.append("release") } }

    var done: [String] { steps.withLock { $0 } }
}
