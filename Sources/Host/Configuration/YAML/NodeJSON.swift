extension Node {
    /// The node as JSON: keys in the order written, numbers digit for digit, nothing filled in.
    var json: [UInt8] {
        var out: [UInt8] = []
        appendJSON(to: &out)
        return out
    }

    private func appendJSON(to out: inout [UInt8]) {
        switch content {
        case .null: out += "null".utf8
        case .boolean(let value): out += (value ? "true" : "false").utf8
        case .integer(let digits), .number(let digits): out += digits.utf8
        case .text(let text): out.appendJSONString(text)
        case .sequence(let items):
            out.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                item.appendJSON(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .mapping(let entries):
            out.append(UInt8(ascii: "{"))
            for (index, entry) in entries.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                out.appendJSONString(entry.key)
                out.append(UInt8(ascii: ":"))
                entry.value.appendJSON(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }
}

extension [UInt8] {
    /// Appends text as a JSON string in UTF-8; only what RFC 8259, section 7, requires is escaped.
    mutating func appendJSONString(_ text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0x0A: self += #"\n"#.utf8
            case 0x0D: self += #"\r"#.utf8
            case 0x09: self += #"\t"#.utf8
            case 0..<0x20:
                self += #"\u00"#.utf8
                let digits = String(byte, radix: 16)
                self += (digits.count < 2 ? "0" + digits : digits).utf8
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends an object of texts, sorted by key so that equal content gives equal bytes.
    mutating func appendJSONObject(_ members: [String: String]) {
        append(UInt8(ascii: "{"))
        for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            appendJSONString(member.key)
            append(UInt8(ascii: ":"))
            appendJSONString(member.value)
        }
        append(UInt8(ascii: "}"))
    }
}
