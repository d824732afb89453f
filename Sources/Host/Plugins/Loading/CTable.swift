/// Reads tables that another side compiled, perhaps against another minor version of the headers.
enum CTable {
    /// Copies a table that begins with `struct_size` into one of our size: the smaller of both sizes counts, the rest is
    /// zero.
    /// - Returns: `nil` when it says that it is smaller than `minimum` bytes.
    static func copy<Table: BitwiseCopyable>(_ pointer: UnsafePointer<Table>, minimum: Int) -> Table? {
        copy(UnsafeRawPointer(pointer), sizeAt: 0, minimum: minimum, as: Table.self)
    }

    /// As ``copy(_:minimum:)``, for a table whose `struct_size` stands `sizeAt` bytes from its beginning.
    static func copy<Table: BitwiseCopyable>(
        _ pointer: UnsafeRawPointer, sizeAt: Int, minimum: Int, as: Table.Type
    ) -> Table? {
        let size = Int((pointer + sizeAt).loadUnaligned(as: UInt32.self))
        guard size >= minimum else { return nil }
        let room = MemoryLayout<Table>.size
        return withUnsafeTemporaryAllocation(byteCount: room, alignment: MemoryLayout<Table>.alignment) { own in
            guard let base = own.baseAddress else { return nil }
            own.initializeMemory(as: UInt8.self, repeating: 0)
            base.copyMemory(from: pointer, byteCount: min(size, room))
            return base.load(as: Table.self)
        }
    }
}

/// The table of a capability, in our own size.
///
/// `@unchecked Sendable`: it is a constant copy, and its functions are thread-safe by contract (the headers' brackets).
struct CapabilityTable<Table: BitwiseCopyable>: @unchecked Sendable {
    let functions: Table
}
