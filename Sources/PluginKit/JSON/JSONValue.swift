/// A JSON value as it was written: numbers keep their text, objects their order.
///
/// Meant for configurations and the arguments of tools. Messages that only pass through are better left as bytes.
public enum JSONValue: Sendable, Equatable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// The text of the number, such as `9007199254740993` or `1.0`.
    case number(String)
    /// Text with its escapes resolved.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Members in order; a name that comes twice is kept twice, and the last one is found.
    case object([Member])

    /// One member of an object.
    public struct Member: Sendable, Equatable {
        /// With escapes resolved.
        public var name: String
        /// Its value.
        public var value: JSONValue

        /// Makes a member.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The member of this name, or `nil` when there is none or this is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// The text, or `nil` when this is no string.
    public var string: String? { if case .string(let text) = self { text } else { nil } }
    /// The truth value, or `nil` when this is none.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The whole number, or `nil` when this is none or out of range.
    public var integer: Int? { if case .number(let text) = self { Int(text) } else { nil } }
    /// The number, or `nil` when this is none.
    public var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }
    /// The values, or `nil` when this is no array.
    public var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
    /// The members, or `nil` when this is no object.
    public var members: [Member]? { if case .object(let members) = self { members } else { nil } }

    /// What it is, for error messages: "a string".
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// Reads one JSON value (RFC 8259).
    ///
    /// - Throws: ``PluginError`` with the offset of the first byte that does not fit; values nested deeper than 200 are
    ///   refused.
    public init(json: [UInt8]) throws(PluginError) {
        var parser = JSONParser(json)
        self = try parser.document()
    }

    /// The value as JSON text without white space.
    public var json: [UInt8] {
        var out: [UInt8] = []
        write(to: &out)
        return out
    }

    /// A JSON string with its quotation marks.
    public static func quoted(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        writeString(text, to: &out)
        return out
    }

    private func write(to out: inout [UInt8]) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): out.append(contentsOf: text.utf8)
        case .string(let text): Self.writeString(text, to: &out)
        case .array(let values):
            out.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                value.write(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                Self.writeString(member.name, to: &out)
                out.append(UInt8(ascii: ":"))
                member.value.write(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func writeString(_ text: String, to out: inout [UInt8]) {
        let digits = StaticString("0123456789abcdef")
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x0A: out.append(contentsOf: "\\n".utf8)
            case 0x0D: out.append(contentsOf: "\\r".utf8)
            case 0x09: out.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                out.append(contentsOf: "\\u00".utf8)
                out.append(digits.utf8Start[Int(byte >> 4)])
                out.append(digits.utf8Start[Int(byte & 15)])
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .number(String(value)) }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object, in the order written.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
