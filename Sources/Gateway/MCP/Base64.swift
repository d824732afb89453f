/// Base64 in one of its two alphabets (RFC 4648).
package struct Base64: Sendable {
    /// With `+` and `/`, padded (section 4).
    package static let standard = Base64("+/", isPadded: true)
    /// With `-` and `_`, without padding (section 5).
    package static let url = Base64("-_", isPadded: false)

    private static let pad = UInt8(ascii: "=")
    private static let none: UInt8 = 255

    private let digits: [UInt8]
    /// The value of each byte; ``none`` for one that is no digit.
    private let values: [UInt8]
    private let isPadded: Bool

    /// - Parameter last: The last two digits of the alphabet.
    private init(_ last: String, isPadded: Bool) {
        digits = Array(("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + last).utf8)
        var values = [UInt8](repeating: Self.none, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        self.values = values
        self.isPadded = isPadded
    }

    package func encode(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = (buffer << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 6 {
                bits -= 6
                out.append(digits[Int(buffer >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { out.append(digits[Int(buffer << UInt32(6 - bits) & 63)]) }
        if isPadded { while out.count % 4 != 0 { out.append(Self.pad) } }
        return out
    }

    /// `nil` for anything ``encode(_:)`` would not have written: other characters, other padding, stray bits.
    package func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var out: [UInt8] = []
        var buffer: UInt32 = 0
        var (bits, count, padding) = (0, 0, 0)
        for character in text {
            count += 1
            if isPadded, character == Self.pad {
                padding += 1
                continue
            }
            let value = values[Int(character)]
            guard value != Self.none, padding == 0 else { return nil }
            buffer = (buffer << 6 | UInt32(value)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        guard bits < 6, buffer & (1 << UInt32(bits) - 1) == 0 else { return nil }
        guard !isPadded || (count % 4 == 0 && padding < 3) else { return nil }
        return out
    }
}
