/// Reads JSON text (RFC 8259) into a ``JSONValue``.
struct JSONParser {
    private let bytes: [UInt8]
    private var index = 0
    private static let maximumDepth = 200

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(PluginError) -> JSONValue {
        let value = try value(depth: 0)
        skipWhiteSpace()
        guard index == bytes.count else { throw failure("the end") }
        return value
    }

    private mutating func value(depth: Int) throws(PluginError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw failure("at most \(Self.maximumDepth) levels") }
        skipWhiteSpace()
        switch peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(PluginError) -> JSONValue {
        index += 1
        var members: [JSONValue.Member] = []
        skipWhiteSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipWhiteSpace()
            guard peek() == UInt8(ascii: "\"") else { throw failure("a member name in quotation marks") }
            let name = try string()
            skipWhiteSpace()
            guard take(UInt8(ascii: ":")) else { throw failure("':'") }
            members.append(JSONValue.Member(name, try value(depth: depth + 1)))
            skipWhiteSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw failure("',' or '}'") }
        }
    }

    private mutating func array(depth: Int) throws(PluginError) -> JSONValue {
        index += 1
        var values: [JSONValue] = []
        skipWhiteSpace()
        if take(UInt8(ascii: "]")) { return .array(values) }
        while true {
            values.append(try value(depth: depth + 1))
            skipWhiteSpace()
            if take(UInt8(ascii: "]")) { return .array(values) }
            guard take(UInt8(ascii: ",")) else { throw failure("',' or ']'") }
        }
    }

    private mutating func string() throws(PluginError) -> String {
        index += 1
        var text: [UInt8] = []
        while let byte = peek() {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20:
                index -= 1
                throw failure("an escaped control character")
            default: text.append(byte)
            }
        }
        throw failure("a closing quotation mark")
    }

    private mutating func escape(into text: inout [UInt8]) throws(PluginError) {
        guard let byte = peek() else { throw failure("an escape") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "u"):
            var unit = try hexadecimal()
            if (0xD800..<0xDC00).contains(unit), index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
                bytes[index + 1] == UInt8(ascii: "u")
            {
                let mark = index
                index += 2
                let low = try hexadecimal()
                if (0xDC00..<0xE000).contains(low) {
                    unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    index = mark
                }
            }
            text.append(contentsOf: String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
        default: throw failure("one of \" \\ / b f n r t u")
        }
    }

    private mutating func hexadecimal() throws(PluginError) -> UInt32 {
        guard index + 4 <= bytes.count,
            bytes[index..<(index + 4)].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: bytes[index..<(index + 4)], as: UTF8.self), radix: 16)
        else { throw failure("four hexadecimal digits") }
        index += 4
        return value
    }

    private mutating func number() throws(PluginError) -> String {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func digits() throws(PluginError) {
        let start = index
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        guard index > start else { throw failure("a value") }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(PluginError) -> JSONValue {
        guard bytes[index...].starts(with: text.utf8) else { throw failure(text) }
        index += text.utf8.count
        return value
    }

    private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipWhiteSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private func failure(_ expected: String) -> PluginError {
        PluginError(.invalid, "JSON: expected \(expected) at byte \(index) of \(bytes.count)")
    }
}
