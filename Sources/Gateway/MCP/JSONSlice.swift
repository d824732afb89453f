/// A view of one JSON value inside a message, which stays as the bytes that came.
///
/// Nothing is decoded: numbers, key order, escapes and unknown members survive because they are never touched.
/// A slice is made by ``JSONScanner``, so its bytes are one well-formed value without surrounding white space.
package struct JSONSlice: Sendable {
    /// What a value is, told by its first byte.
    package enum Kind: Sendable, Equatable {
        case object, array, string, number, bool, null

        init(firstByte: UInt8) {
            switch firstByte {
            case UInt8(ascii: "{"): self = .object
            case UInt8(ascii: "["): self = .array
            case UInt8(ascii: "\""): self = .string
            case UInt8(ascii: "t"), UInt8(ascii: "f"): self = .bool
            case UInt8(ascii: "n"): self = .null
            default: self = .number
            }
        }
    }

    /// The message that the value stands in.
    package let base: [UInt8]
    /// Where in ``base`` the value stands.
    package let range: Range<Int>

    package init(base: [UInt8], range: Range<Int>) {
        self.base = base
        self.range = range
    }

    /// Reads a text that must be exactly one JSON value.
    /// - Throws: ``JSONScanError`` with the offset of the first byte that does not fit.
    package init(validating bytes: [UInt8]) throws(JSONScanError) {
        self = try JSONScanner.value(bytes)
    }

    package var bytes: ArraySlice<UInt8> { base[range] }
    package var array: [UInt8] { Array(base[range]) }

    package var kind: Kind { Kind(firstByte: base[range.lowerBound]) }

    /// The text of a string with its escapes resolved; `nil` for other kinds.
    package var string: String? {
        guard kind == .string else { return nil }
        return JSONText.decode(base[(range.lowerBound + 1)..<(range.upperBound - 1)])
    }

    package var bool: Bool? {
        kind == .bool ? base[range.lowerBound] == UInt8(ascii: "t") : nil
    }

    /// A whole number that fits; `nil` for other kinds and for numbers with a fraction or an exponent.
    package var integer: Int? {
        kind == .number ? Int(String(decoding: bytes, as: UTF8.self)) : nil
    }

    /// A number, rounded to the nearest that fits; `nil` for other kinds and for numbers that are too large.
    package var double: Double? {
        guard kind == .number, let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else {
            return nil
        }
        return value
    }

    /// The members of an object in their order, keys resolved; empty for other kinds.
    package var members: [(key: String, value: JSONSlice)] {
        var found: [(key: String, value: JSONSlice)] = []
        JSONScanner.eachMember(of: self) { key, value in
            found.append((JSONText.decode(base[key]) ?? "", JSONSlice(base: base, range: value)))
            return true
        }
        return found
    }

    /// Whether it is an object without members.
    package var isEmptyObject: Bool {
        kind == .object && base[(range.lowerBound + 1)...].first { $0 > 0x20 } == UInt8(ascii: "}")
    }

    /// The elements of an array in their order; empty for other kinds.
    package var elements: [JSONSlice] {
        var found: [JSONSlice] = []
        JSONScanner.eachElement(of: self) { found.append(JSONSlice(base: base, range: $0)) }
        return found
    }

    /// The value of a member; `nil` when absent or not an object. The last one counts when a key is repeated, as most
    /// parsers have it.
    package subscript(key: String) -> JSONSlice? {
        JSONScanner.member(key, of: self).map { JSONSlice(base: base, range: $0) }
    }
}
