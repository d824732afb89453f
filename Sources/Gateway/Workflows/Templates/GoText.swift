/// Text as Go's packages write it, for the functions of templates.
enum GoText {
    /// `%v` of `fmt`.
    static func print(_ value: TemplateValue, isInner: Bool = false) -> String {
        var out = ""
        append(value, isInner: isInner, to: &out)
        return out
    }

    private static func append(_ value: TemplateValue, isInner: Bool, to out: inout String) {
        switch value {
        case .missing, .null: out += isInner ? "<nil>" : "<no value>"
        case .bool(let value): out += value ? "true" : "false"
        case .number(let number): out += number.printed
        case .string(let text): out += text
        case .list, .map, .json:
            if let elements = value.elements {
                out += "["
                for (index, element) in elements.enumerated() {
                    if index > 0 { out += " " }
                    append(element, isInner: true, to: &out)
                }
                out += "]"
            } else {
                out += "map["
                for (index, member) in (value.members ?? []).enumerated() {
                    if index > 0 { out += " " }
                    out += member.key + ":"
                    append(member.value, isInner: true, to: &out)
                }
                out += "]"
            }
        }
    }

    /// `%q` of `fmt`: `strconv.Quote`.
    static func quote(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\u{7}": out += "\\a"
            case "\u{8}": out += "\\b"
            case "\u{C}": out += "\\f"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\u{B}": out += "\\v"
            case _ where isPrintable(scalar): out.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: out += "\\x" + hex(scalar.value, width: 2)
            case _ where scalar.value < 0x10000: out += "\\u" + hex(scalar.value, width: 4)
            default: out += "\\U" + hex(scalar.value, width: 8)
            }
        }
        return out + "\""
    }

    /// `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols, and the plain space.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }

    /// A string as `encoding/json` writes it, with its quotation marks.
    static func appendJSON(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\"".utf8
            case "\\": out += "\\\\".utf8
            case "\n": out += "\\n".utf8
            case "\r": out += "\\r".utf8
            case "\t": out += "\\t".utf8
            case "\u{8}": out += "\\b".utf8
            case "\u{C}": out += "\\f".utf8
            case "<", ">", "&", "\u{2028}", "\u{2029}",
                _ where scalar.value < 0x20:
                out += ("\\u" + hex(scalar.value, width: 4)).utf8
            default: out += String(scalar).utf8
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    /// `html` of `text/template`.
    static func escapeHTML(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { out, scalar in
            switch scalar {
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "&": out += "&amp;"
            case "\"": out += "&#34;"
            case "'": out += "&#39;"
            case "\0": out += "\u{FFFD}"
            default: out.unicodeScalars.append(scalar)
            }
        }
    }

    /// `js` of `text/template`.
    static func escapeJavaScript(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { out, scalar in
            switch scalar {
            case "\\", "'", "\"": out += "\\\(scalar)"
            case "<", ">", "&", "=": out += "\\u" + hex(scalar.value, width: 4, isUpper: true)
            case _ where scalar.value >= 0x80 && isPrintable(scalar): out.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value >= 0x80:
                out += "\\u" + hex(scalar.value, width: 4, isUpper: true)
            default: out.unicodeScalars.append(scalar)
            }
        }
    }

    /// `urlquery` of `text/template`: `url.QueryEscape`.
    static func escapeQuery(_ text: String) -> String {
        text.utf8.reduce(into: "") { out, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "): out += "+"
            default: out += "%" + hex(UInt32(byte), width: 2, isUpper: true)
            }
        }
    }

    static func hex(_ value: UInt32, width: Int, isUpper: Bool = false) -> String {
        let digits = String(value, radix: 16, uppercase: isUpper)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
