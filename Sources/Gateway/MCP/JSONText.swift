/// Text as it stands between the quotation marks of a JSON string (RFC 8259, section 7).
package enum JSONText {
    /// Resolves escapes. Lone surrogates become U+FFFD. `nil` for a bad escape, which a scanned value does not have.
    package static func decode(_ raw: ArraySlice<UInt8>) -> String? {
        guard raw.contains(UInt8(ascii: "\\")) else { return String(decoding: raw, as: UTF8.self) }
        var text: [UInt8] = []
        text.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index < raw.endIndex {
            let byte = raw[index]
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                index += 1
                continue
            }
            guard index + 1 < raw.endIndex else { return nil }
            index += 2
            switch raw[index - 1] {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "u"):
                guard var unit = hex(raw, at: index) else { return nil }
                index += 4
                if (0xD800..<0xDC00).contains(unit), index + 6 <= raw.endIndex, raw[index] == UInt8(ascii: "\\"),
                    raw[index + 1] == UInt8(ascii: "u"), let low = hex(raw, at: index + 2),
                    (0xDC00..<0xE000).contains(low)
                {
                    unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                    index += 6
                }
                text.append(contentsOf: String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
            case let other: text.append(other)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether raw text means `key`, byte by byte (strings of Swift are equal when they are canonically equivalent),
    /// without making a string when it has no escapes.
    package static func equals(_ raw: ArraySlice<UInt8>, _ key: String) -> Bool {
        raw.withUnsafeBufferPointer { equals($0, key) }
    }

    /// As ``equals(_:_:)-(ArraySlice<UInt8>,_)``.
    static func equals(_ raw: UnsafeBufferPointer<UInt8>, _ key: String) -> Bool {
        let count = key.utf8.count
        if raw.count == count {
            // Strings of Swift have their text in one piece.
            return key.utf8.withContiguousStorageIfAvailable { key in
                zip(raw, key).allSatisfy { $0 == $1 }
            } ?? raw.elementsEqual(key.utf8)
        }
        guard raw.count > count, raw.contains(UInt8(ascii: "\\")) else { return false }
        return decode(Array(raw)[...])?.utf8.elementsEqual(key.utf8) == true
    }

    /// A JSON string with its quotation marks.
    package static func quote(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count + 2)
        append(text, to: &out)
        return out
    }

    /// Appends a JSON string with its quotation marks.
    package static func append(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out.append(UInt8(ascii: "\\"))
                out.append(byte)
            case 0x0A: out.append(contentsOf: "\\n".utf8)
            case 0x0D: out.append(contentsOf: "\\r".utf8)
            case 0x09: out.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                out.append(contentsOf: "\\u00".utf8)
                let digits = Array("0123456789abcdef".utf8)
                out.append(digits[Int(byte >> 4)])
                out.append(digits[Int(byte & 15)])
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func hex(_ raw: ArraySlice<UInt8>, at start: Int) -> UInt32? {
        guard start + 4 <= raw.endIndex else { return nil }
        var value: UInt32 = 0
        for byte in raw[start..<(start + 4)] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 + UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 + UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 + UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return value
    }
}
