/// Values that cannot stand in a header as they are: `=?base64?{base64 of UTF-8}?=` (2026-07-28, Transports).
package enum HeaderSentinel {
    private static let begin = "=?base64?"
    private static let end = "?="

    /// What a value means; one without both marks is literal. `nil` for bad base64 or bad UTF-8 between the marks.
    package static func decode(_ field: String) -> String? {
        let value = trimmed(field)
        guard value.hasPrefix(begin), value.hasSuffix(end), value.utf8.count >= begin.utf8.count + end.utf8.count else {
            return value
        }
        guard let bytes = bytes(Array(value.utf8.dropFirst(begin.utf8.count).dropLast(end.utf8.count))) else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A value as it may stand in a header: itself when it is plain visible ASCII, with spaces inside at most, and no
    /// sentinel of its own; otherwise in the sentinel.
    package static func encode(_ value: String) -> String {
        let bytes = Array(value.utf8)
        let isPlain = bytes.allSatisfy { (0x20...0x7E).contains($0) } && bytes.first != 0x20 && bytes.last != 0x20
        if isPlain, !(value.hasPrefix(begin) && value.hasSuffix(end)) { return value }
        return begin + base64(bytes) + end
    }

    /// Without white space around it (RFC 9110, section 5.5).
    package static func trimmed(_ field: String) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let bytes = field.utf8
        guard let first = bytes.first, let last = bytes.last, isSpace(first) || isSpace(last) else { return field }
        return String(decoding: bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed(), as: UTF8.self)
    }

    /// Standard base64 with its padding (RFC 4648, section 4).
    private static func bytes(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.reversed().prefix(2).prefix { $0 == UInt8(ascii: "=") }.count
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        for (index, byte) in text.dropLast(padding).enumerated() {
            guard let digit = digit(byte) else { return nil }
            bits = bits << 6 | digit
            if index % 4 == 3 {
                out.append(contentsOf: [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)])
                bits = 0
            }
        }
        switch padding {
        case 1: out.append(contentsOf: [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)])
        case 2: out.append(UInt8(bits >> 4 & 255))
        default: break
        }
        return out
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let bits = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - part.count))
            for place in 0..<4 {
                out.append(
                    place <= part.count ? digits[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
