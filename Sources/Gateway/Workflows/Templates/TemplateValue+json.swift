extension TemplateValue {
    /// How a value is written as JSON.
    enum JSONStyle {
        /// Objects and arrays of JSON as the bytes they came as.
        case asItCame
        /// Compact, keys sorted, `<`, `>` and `&` escaped: as `encoding/json` of Go writes it.
        case go
    }

    /// The value as JSON. What is missing becomes null.
    package var json: [UInt8] {
        var out: [UInt8] = []
        appendJSON(.asItCame, to: &out)
        return out
    }

    func appendJSON(_ style: JSONStyle, to out: inout [UInt8]) {
        switch self {
        case .missing, .null: out += "null".utf8
        case .bool(let value): out += (value ? "true" : "false").utf8
        case .number(let number): out += number.text.utf8
        case .string(let text): style == .go ? GoText.appendJSON(text, to: &out) : JSONText.append(text, to: &out)
        case .json(let slice) where style == .asItCame: out += slice.bytes
        case .list, .json:
            if let elements {
                Self.append(elements, "[", "]", to: &out) { $0.appendJSON(style, to: &$1) }
            } else {
                appendObject(style, to: &out)
            }
        case .map: appendObject(style, to: &out)
        }
    }

    private func appendObject(_ style: JSONStyle, to out: inout [UInt8]) {
        Self.append(members ?? [], "{", "}", to: &out) { member, out in
            style == .go ? GoText.appendJSON(member.key, to: &out) : JSONText.append(member.key, to: &out)
            out.append(UInt8(ascii: ":"))
            member.value.appendJSON(style, to: &out)
        }
    }

    private static func append<Item>(
        _ items: [Item], _ open: String, _ close: String, to out: inout [UInt8],
        _ write: (Item, inout [UInt8]) -> Void
    ) {
        out += open.utf8
        for (index, item) in items.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            write(item, &out)
        }
        out += close.utf8
    }
}
