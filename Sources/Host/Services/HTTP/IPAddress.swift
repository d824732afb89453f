// curl.h is the first to include the socket headers, which makes them CCurl's in Clang's eyes.
import CCurl
import Glibc

/// An address of either family, as bytes in network order. IPv4 inside IPv6 is IPv4 here.
struct IPAddress: Hashable, CustomStringConvertible {
    /// 4 or 16.
    let bytes: [UInt8]

    /// - Parameter text: As `inet_pton` takes it, with or without brackets and a zone.
    init?(_ text: some StringProtocol) {
        var text = text[...]
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        if let zone = text.firstIndex(of: "%") { text = text[..<zone] }
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, String(text), &buffer) == 1 {
            bytes = Array(buffer[..<4])
        } else if inet_pton(AF_INET6, String(text), &buffer) == 1 {
            bytes = IPAddress.unwrapped(buffer)
        } else {
            return nil
        }
    }

    /// - Parameter address: Of family `AF_INET` or `AF_INET6`; other families give nil.
    init?(_ address: UnsafePointer<sockaddr>) {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let offset = MemoryLayout<sockaddr_in>.offset(of: \.sin_addr)!
            bytes = Array(UnsafeRawBufferPointer(start: raw + offset, count: 4))
        case AF_INET6:
            let offset = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr)!
            bytes = IPAddress.unwrapped(Array(UnsafeRawBufferPointer(start: raw + offset, count: 16)))
        default:
            return nil
        }
    }

    var description: String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let text = inet_ntop(AF_INET6, bytes, &buffer, socklen_t(buffer.count)).map { String(cString: $0) }
        return text ?? "an IPv6 address"
    }

    /// Whether the first `length` bits are those of `prefix`.
    func isWithin(_ prefix: [UInt8], _ length: Int) -> Bool {
        guard prefix.count == bytes.count else { return false }
        for bit in stride(from: 0, to: length, by: 8) {
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> min(8, length - bit))
            if bytes[bit / 8] & mask != prefix[bit / 8] & mask { return false }
        }
        return true
    }

    /// The IPv4 address that an IPv6 address stands for: mapped (`::ffff:a.b.c.d`, RFC 4291), compatible
    /// (`::a.b.c.d`), or translated (`64:ff9b::a.b.c.d`, RFC 6052). Policies would otherwise be passed by in disguise.
    private static func unwrapped(_ bytes: [UInt8]) -> [UInt8] {
        let head = bytes[..<12]
        let isMapped = head.elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
        let isTranslated = head.elementsEqual([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0])
        // `::` and `::1` are addresses of their own.
        let isCompatible = head.allSatisfy { $0 == 0 } && bytes[12] != 0
        return isMapped || isTranslated || isCompatible ? Array(bytes[12...]) : bytes
    }
}
