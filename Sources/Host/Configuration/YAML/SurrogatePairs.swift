/// JSON writes characters beyond U+FFFF as two escapes, which YAML does not know.
enum SurrogatePairs {
    /// The text with each pair of escapes replaced by the one escape that YAML has for it.
    static func joined(in text: String) -> String {
        guard text.contains(#"\u"#) else { return text }
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else {
                out.append(bytes[index])
                index += 1
                continue
            }
            if let high = unit(bytes, at: index), (0xD800..<0xDC00).contains(high),
                let low = unit(bytes, at: index + 6), (0xDC00..<0xE000).contains(low)
            {
                let scalar = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
                let digits = String(scalar, radix: 16, uppercase: true)
                out += (#"\U"# + String(repeating: "0", count: 8 - digits.count) + digits).utf8
                index += 12
            } else {
                out += bytes[index...index + 1]
                index += 2
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func unit(_ bytes: [UInt8], at index: Int) -> UInt32? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        return UInt32(String(decoding: bytes[index + 2..<index + 6], as: UTF8.self), radix: 16)
    }
}
