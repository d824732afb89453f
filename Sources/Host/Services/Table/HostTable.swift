import Glibc
import PluginAPI
import Synchronization

/// The `vmcp_host` structs that plugins hold, and which instance each belongs to.
///
/// A struct's `context` is a number, not a pointer. Services look it up for each call: once an instance is released its
/// number is not found, and a late call does nothing. The memory of a released struct is kept until ``mostRetired`` more
/// have been released, so that a late call, which reads the number from it, reads no freed memory.
enum HostTable {
    /// `@unchecked`: written before the pointer is handed out, and constant then until it is freed.
    struct Slot: @unchecked Sendable {
        let number: UInt
        let pointer: UnsafeMutablePointer<vmcp_host>
        let version: UnsafeMutablePointer<CChar>
    }

    private struct State {
        var next: UInt = 1
        var instances: [UInt: InstanceHost] = [:]
        var retired: [Slot] = []
    }

    /// About 300 kB at most.
    private static let mostRetired = 4_096
    private static let state = Mutex(State())
    // Constant, and never freed.
    nonisolated(unsafe) private static let name: UnsafePointer<CChar> = UnsafePointer(strdup("vmcp"))

    static func makeSlot(version: String) -> Slot {
        let number = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        let slot = Slot(number: number, pointer: .allocate(capacity: 1), version: strdup(version))
        slot.pointer.initialize(
            to: vmcp_host(
                struct_size: UInt32(MemoryLayout<vmcp_host>.size), abi_major: UInt16(VMCP_ABI_MAJOR),
                abi_minor: UInt16(VMCP_ABI_MINOR), context: UnsafeMutableRawPointer(bitPattern: number), name: name,
                version: UnsafePointer(slot.version), service: { host, id in ServiceTables.table(named: id) }))
        return slot
    }

    static func enter(_ instance: InstanceHost, in slot: Slot) {
        state.withLock { $0.instances[slot.number] = instance }
    }

    /// Takes a slot out. Again: nothing.
    static func leave(_ slot: Slot) {
        let oldest: Slot? = state.withLock { state in
            guard state.instances.removeValue(forKey: slot.number) != nil else { return nil }
            state.retired.append(slot)
            return state.retired.count > mostRetired ? state.retired.removeFirst() : nil
        }
        if let oldest {
            oldest.pointer.deallocate()
            free(oldest.version)
        }
    }

    /// The instance that a plugin speaks for; nil when it was released.
    static func instance(of host: UnsafePointer<vmcp_host>?) -> InstanceHost? {
        let number = UInt(bitPattern: host?.pointee.context)
        return state.withLock { $0.instances[number] }
    }
}
