/// The memory of one call: what C borrows lives here and goes with it.
///
/// Not thread-safe; belongs to the call that made it.
final class CallArena {
    /// Most bytes that the arguments and outputs of one call may have.
    static let limit = 268_435_456
    private static let chunk = 1_024

    private var chunks: [UnsafeMutableRawPointer]
    private var next: UnsafeMutableRawPointer
    private var left: Int
    private var total = 0

    init() {
        next = .allocate(byteCount: Self.chunk, alignment: 16)
        chunks = [next]
        left = Self.chunk
    }

    deinit { for chunk in chunks { chunk.deallocate() } }

    /// Zeroed memory, aligned to 16 bytes, valid until the arena goes; never of size 0.
    func take(_ size: Int) throws(CallFailure) -> UnsafeMutableRawPointer {
        guard size >= 0, size <= Self.limit - total else {
            throw CallFailure(.exhausted, "expected at most \(Self.limit) bytes of arguments and outputs in one call")
        }
        total += size
        let rounded = max(16, (size + 15) & ~15)
        if rounded > left {
            if rounded >= Self.chunk {
                // A chunk of its own: a sanitizer then sees a step past its end.
                let own = UnsafeMutableRawPointer.allocate(byteCount: max(1, size), alignment: 16)
                own.initializeMemory(as: UInt8.self, repeating: 0, count: max(1, size))
                chunks.append(own)
                return own
            }
            next = .allocate(byteCount: Self.chunk, alignment: 16)
            chunks.append(next)
            left = Self.chunk
        }
        let taken = next
        taken.initializeMemory(as: UInt8.self, repeating: 0, count: rounded)
        next += rounded
        left -= rounded
        return taken
    }
}
