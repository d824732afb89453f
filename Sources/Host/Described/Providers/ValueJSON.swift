import PluginKit

/// Values between JSON and a library.
enum ValueJSON {
    /// An argument as JSON has it.
    /// - Throws: ``CallFailure`` when bytes are not encoded as the description says.
    static func value(_ json: JSONValue, for argument: ArgumentDescription) throws(CallFailure) -> Value {
        guard argument.type.base == .bytes, case .string(let text) = json else { return plain(json) }
        guard let bytes = ByteText.decode(text, argument.encoding) else {
            throw CallFailure(.badArgument, "argument '\(argument.name)': expected \(argument.encoding.rawValue)")
        }
        return .bytes(bytes)
    }

    static func plain(_ json: JSONValue) -> Value {
        switch json {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .string(let text): return .text(text)
        case .number(let text):
            if let value = Int64(text) { return .integer(value) }
            if let value = UInt64(text) { return .unsigned(value) }
            return Double(text).map(Value.real) ?? .null
        case .array(let values): return .list(values.map(plain))
        case .object(let members): return .record(members.map { Member($0.name, plain($0.value)) })
        }
    }

    /// What a function gave.
    /// - Throws: ``CallFailure`` when bytes are said to be UTF-8 and are not.
    static func object(_ members: [Member], of function: FunctionDescription) throws(CallFailure) -> JSONValue {
        var object: [JSONValue.Member] = []
        for member in members {
            let encoding =
                member.name == function.result.name && function.result.type != nil
                ? function.result.encoding
                : function.arguments.first { $0.name == member.name }?.encoding ?? .base64
            object.append(JSONValue.Member(member.name, try json(member.value, encoding, member.name)))
        }
        return .object(object)
    }

    private static func json(
        _ value: Value, _ encoding: ArgumentDescription.Encoding, _ name: String
    ) throws(CallFailure) -> JSONValue {
        switch value {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .integer(let value): return .number(String(value))
        case .unsigned(let value): return .number(String(value))
        // JSON has no infinities and no NaN (RFC 8259 section 6).
        case .real(let value): return value.isFinite ? .number("\(value)") : .null
        case .text(let text): return .string(text)
        case .bytes(let bytes):
            guard let text = ByteText.encode(bytes, encoding) else {
                throw CallFailure(
                    .badResult, "'\(name)' is not UTF-8, as its description says: give it 'encoding: base64'")
            }
            return .string(text)
        case .floats(let floats): return .array(floats.map { $0.isFinite ? .number("\($0)") : .null })
        case .list(let values):
            var list: [JSONValue] = []
            for value in values { list.append(try json(value, encoding, name)) }
            return .array(list)
        case .record(let members):
            var object: [JSONValue.Member] = []
            for member in members { object.append(.init(member.name, try json(member.value, encoding, name))) }
            return .object(object)
        }
    }
}

/// Bytes as text.
enum ByteText {
    static func encode(_ bytes: [UInt8], _ encoding: ArgumentDescription.Encoding) -> String? {
        switch encoding {
        case .utf8: return String(validating: bytes, as: UTF8.self)
        case .text: return String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
        case .hex:
            let digits = Array("0123456789abcdef".utf8)
            return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        case .base64: return base64(bytes)
        }
    }

    static func decode(_ text: String, _ encoding: ArgumentDescription.Encoding) -> [UInt8]? {
        switch encoding {
        case .utf8, .text: return Array(text.utf8)
        case .hex:
            let digits = Array(text.utf8)
            guard digits.count % 2 == 0 else { return nil }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(digits.count / 2)
            for index in stride(from: 0, to: digits.count, by: 2) {
                guard let high = hex(digits[index]), let low = hex(digits[index + 1]) else { return nil }
                bytes.append(high << 4 | low)
            }
            return bytes
        case .base64: return decode64(Array(text.utf8))
        }
    }

    private static func hex(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// RFC 4648 section 4.
    private static func base64(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let word = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - part.count))
            for index in 0..<4 {
                out.append(
                    index <= part.count ? alphabet[Int(word >> (18 - 6 * UInt32(index)) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static let values: [UInt8: UInt32] = Dictionary(
        uniqueKeysWithValues: alphabet.enumerated().map { ($0.element, UInt32($0.offset)) })

    private static func decode64(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        for start in stride(from: 0, to: text.count, by: 4) {
            let isLast = start + 4 == text.count
            var word: UInt32 = 0
            for index in 0..<4 {
                let digit = text[start + index]
                let isPadding = isLast && index >= 4 - padding
                guard let value = isPadding ? 0 : values[digit] else { return nil }
                word = word << 6 | value
            }
            let count = isLast ? 3 - padding : 3
            for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: word >> (16 - 8 * UInt32(index)))) }
        }
        return bytes
    }
}
