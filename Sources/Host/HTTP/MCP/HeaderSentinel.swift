/// Values that cannot stand in a header as they are: `=?base64?{base64 of UTF-8}?=` (2026-07-28, Transports).
enum HeaderSentinel {
    private static let begin = "=?base64?"
    private static let end = "?="

    /// What a value means; one without both marks is literal. `nil` for bad base64 or bad UTF-8 between the marks.
    static func decode(_ field: String) -> String? {
        let value = trimmed(field)
        guard value.hasPrefix(begin), value.hasSuffix(end), value.utf8.count >= begin.utf8.count + end.utf8.count else {
            return value
        }
        guard let bytes = bytes(Array(value.utf8.dropFirst(begin.utf8.count).dropLast(end.utf8.count))) else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Without white space around it (RFC 9110, section 5.5).
    static func trimmed(_ field: String) -> String {
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
