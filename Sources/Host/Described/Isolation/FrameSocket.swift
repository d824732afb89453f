import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One end of the socket between gateway and child: whole frames, each with its length before it.
final class FrameSocket: Sendable {
    /// Largest frame, in bytes: the largest arguments with what is around them.
    private static let limit = 2 * CallArena.limit

    private let descriptor: Int32
    private let writing = Mutex(())

    /// - Parameter descriptor: Closed with the object.
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// - Returns: False when the other end is gone.
    func write(_ frame: [UInt8]) -> Bool {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(frame.count + 4)
        let size = UInt32(clamping: frame.count)
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: size >> shift)) }
        bytes += frame
        guard frame.count <= Self.limit else { return false }
        return writing.withLock { _ in
            bytes.withUnsafeBytes { buffer in
                var sent = 0
                while sent < buffer.count {
                    // MSG_NOSIGNAL: a child that is gone must not end us.
                    let count = send(
                        descriptor, buffer.baseAddress.map { $0 + sent }, buffer.count - sent, Int32(MSG_NOSIGNAL))
                    if count < 0, errno == EINTR { continue }
                    if count <= 0 { return false }
                    sent += count
                }
                return true
            }
        }
    }

    /// The next frame; `nil` when the other end is gone. For one thread.
    func receive() -> [UInt8]? {
        guard let head = read(4) else { return nil }
        let size = head.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        return size <= Self.limit ? read(size) : nil
    }

    private func read(_ count: Int) -> [UInt8]? {
        var isWhole = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, size in
            size = 0
            while size < count {
                let got = recv(descriptor, buffer.baseAddress.map { $0 + size }, count - size, 0)
                if got < 0, errno == EINTR { continue }
                if got <= 0 { break }
                size += got
            }
            isWhole = size == count
        }
        return isWhole ? bytes : nil
    }

    /// Wakes the thread that receives: nothing more comes.
    func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
