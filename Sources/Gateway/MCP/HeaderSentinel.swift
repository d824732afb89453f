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
        guard let bytes = Base64.standard.decode(value.utf8.dropFirst(begin.utf8.count).dropLast(end.utf8.count)) else {
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
        return begin + String(decoding: Base64.standard.encode(bytes), as: UTF8.self) + end
    }

    /// Without white space around it (RFC 9110, section 5.5).
    package static func trimmed(_ field: String) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let bytes = field.utf8
        guard let first = bytes.first, let last = bytes.last, isSpace(first) || isSpace(last) else { return field }
        return String(decoding: bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed(), as: UTF8.self)
    }
}
