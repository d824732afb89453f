/// An IP address as bytes, read from every notation that connection libraries accept.
package struct IPAddress: Sendable, Equatable {
    /// Four bytes for IPv4, sixteen for IPv6; an IPv4-mapped IPv6 address is four bytes.
    package let bytes: [UInt8]

    /// Reads an address; `nil` when the text is a name.
    ///
    /// Besides dotted decimal this takes what `inet_aton` takes (`127.1`, `0x7f000001`, `2130706433`, `0177.0.0.1`):
    /// an address that hides behind such a form must not pass for a host name.
    package init?(_ text: String) {
        if text.contains(":") {
            guard let bytes = Self.version6(text) else { return nil }
            let isMapped = bytes.prefix(12).elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
            self.bytes = isMapped ? Array(bytes.suffix(4)) : bytes
        } else {
            guard let bytes = Self.version4(text) else { return nil }
            self.bytes = bytes
        }
    }

    /// Whether the address lies in a network given as `address/bits`.
    package func isIn(_ network: String) -> Bool {
        let parts = network.split(separator: "/")
        guard parts.count == 2, let base = IPAddress(String(parts[0])), let bits = Int(parts[1]),
            base.bytes.count == bytes.count
        else { return false }
        return (0..<bits).allSatisfy { bit in
            (bytes[bit / 8] ^ base.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    private static func version4(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...4).contains(parts.count) else { return nil }
        var numbers: [UInt64] = []
        for part in parts {
            guard let number = number(part) else { return nil }
            numbers.append(number)
        }
        // The last number fills the bytes that are left.
        let last = numbers.removeLast()
        let room = 4 - numbers.count
        guard numbers.allSatisfy({ $0 <= 255 }), last < 1 << UInt64(8 * room) else { return nil }
        return numbers.map(UInt8.init)
            + (0..<room).map { UInt8(truncatingIfNeeded: last >> UInt64(8 * (room - 1 - $0))) }
    }

    private static func number(_ text: Substring) -> UInt64? {
        guard let first = text.first, first.isASCII, first.isNumber else { return nil }
        if text.hasPrefix("0x") || text.hasPrefix("0X") {
            return text.count == 2 ? 0 : UInt64(text.dropFirst(2), radix: 16)
        }
        return text.count > 1 && first == "0" ? UInt64(text, radix: 8) : UInt64(text)
    }

    private static func version6(_ text: String) -> [UInt8]? {
        // A zone names an interface and changes nothing about the class of the address.
        let address = text.prefix { $0 != "%" }
        let halves = address.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = groups(halves[0]), let tail = halves.count == 2 ? groups(halves[1]) : []
        else {
            return nil
        }
        let missing = 16 - head.count - tail.count
        guard halves.count == 2 ? missing >= 2 : missing == 0 else { return nil }
        return head + Array(repeating: 0, count: missing) + tail
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard part.split(separator: ".").count == 4, let dotted = version4(String(part)) else { return nil }
                bytes += dotted
            } else {
                guard (1...4).contains(part.count), let group = UInt16(part, radix: 16) else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
        }
        return bytes
    }
}
