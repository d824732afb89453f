import Glibc
import PluginAPI

/// The tables that `vmcp_host.service` answers with: constant, at addresses that never change.
enum ServiceTables {
    /// The table of a service, or NULL.
    static func table(named id: UnsafePointer<CChar>?) -> UnsafeRawPointer? {
        guard let id else { return nil }
        return all.first { strcmp($0.id, id) == 0 }?.table
    }

    private struct Entry {
        let id: String
        let table: UnsafeRawPointer
    }

    // Constant once made; the memory is never freed.
    nonisolated(unsafe) private static let all = [
        Entry(id: VMCP_LOG, table: place(LogTable.table)),
        Entry(id: VMCP_HTTP, table: place(HTTPTable.table)),
        Entry(id: VMCP_TIMER, table: place(TimerTable.table)),
        Entry(id: VMCP_SECRETS, table: place(SecretsTable.table)),
        Entry(id: VMCP_IDENTITY, table: place(IdentityTable.table)),
        Entry(id: VMCP_PROCESS, table: place(ProcessTable.table)),
        Entry(id: VMCP_METRICS, table: place(MetricsTable.table)),
        Entry(id: VMCP_STATE, table: place(StateTable.table)),
    ]

    private static func place<Table>(_ table: Table) -> UnsafeRawPointer {
        let place = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        place.initialize(to: table)
        return UnsafeRawPointer(place)
    }
}

/// Reads what plugins pass.
enum PluginInput {
    /// Headers, labels, fields or variables, copied. Nil when a name or value is not UTF-8.
    static func fields(_ headers: UnsafePointer<vmcp_header>?, _ count: Int) -> [HTTPField]? {
        var fields: [HTTPField] = []
        for header in UnsafeBufferPointer(start: headers, count: headers == nil ? 0 : count) {
            guard let name = header.name.exactText, let value = header.value.exactText else { return nil }
            fields.append(HTTPField(name, value))
        }
        return fields
    }

    /// The part of a struct that its maker knew, in zeroed memory: what a later version added reads as zero.
    static func read<Struct>(_ pointer: UnsafePointer<Struct>, size: UInt32, into blank: Struct) -> Struct {
        var copy = blank
        withUnsafeMutableBytes(of: &copy) { bytes in
            bytes.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: min(Int(size), bytes.count)))
        }
        return copy
    }
}
