/// Literals as Go writes them (Go specification, "Lexical elements").
enum GoLiteral {
    /// A string, a raw string or a character that begins at `start`; a character is its number.
    static func quoted(_ bytes: [UInt8], at start: Int) throws(TemplateFault) -> (kind: TemplateToken.Kind, end: Int) {
        let mark = bytes[start]
        var index = start + 1
        var text: [UInt8] = []
        while index < bytes.count, bytes[index] != mark {
            guard bytes[index] != 0x0A || mark == UInt8(ascii: "`") else { break }
            if bytes[index] == UInt8(ascii: "\\"), mark != UInt8(ascii: "`") {
                index += 1
                try escape(bytes, &index, mark: mark, into: &text)
            } else {
                text.append(bytes[index])
                index += 1
            }
        }
        guard index < bytes.count, bytes[index] == mark else {
            let name = String(Character(Unicode.Scalar(mark)))
            throw TemplateFault("expected \(name) at the end of the quotation, found none; close it", at: start)
        }
        let string = String(decoding: text, as: UTF8.self)
        guard mark == UInt8(ascii: "'") else { return (.string(string), index + 1) }
        guard string.unicodeScalars.count == 1, let scalar = string.unicodeScalars.first else {
            throw TemplateFault("expected one character between ', found \(string.unicodeScalars.count)", at: start)
        }
        return (.number(String(scalar.value)), index + 1)
    }

    private static func escape(
        _ bytes: [UInt8], _ index: inout Int, mark: UInt8, into text: inout [UInt8]
    ) throws(TemplateFault) {
        guard index < bytes.count else { return }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "a"): text.append(7)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "v"): text.append(11)
        case UInt8(ascii: "\\"), mark: text.append(byte)
        case UInt8(ascii: "x"): text.append(UInt8(try digits(bytes, &index, count: 2, radix: 16)))
        case UInt8(ascii: "u"): try append(try digits(bytes, &index, count: 4, radix: 16), at: index, to: &text)
        case UInt8(ascii: "U"): try append(try digits(bytes, &index, count: 8, radix: 16), at: index, to: &text)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            index -= 1
            let value = try digits(bytes, &index, count: 3, radix: 8)
            guard value < 256 else { throw TemplateFault("expected an octal escape up to \\377", at: index - 3) }
            text.append(UInt8(value))
        default: throw TemplateFault("expected an escape of Go, such as \\n or \\\", found another", at: index - 2)
        }
    }

    private static func digits(
        _ bytes: [UInt8], _ index: inout Int, count: Int, radix: Int
    ) throws(TemplateFault) -> UInt32 {
        let end = index + count
        guard end <= bytes.count, let value = UInt32(String(decoding: bytes[index..<end], as: UTF8.self), radix: radix)
        else { throw TemplateFault("expected \(count) digits in the escape, found fewer", at: index) }
        index = end
        return value
    }

    private static func append(_ value: UInt32, at index: Int, to text: inout [UInt8]) throws(TemplateFault) {
        guard let scalar = Unicode.Scalar(value) else {
            throw TemplateFault("expected a Unicode scalar in the escape, found none", at: index)
        }
        text += String(scalar).utf8
    }

    /// A number in the notation of JSON; `nil` for what is none, does not fit, or is imaginary.
    static func number(_ text: String) -> String? {
        let isNegative = text.hasPrefix("-")
        let unsigned = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        let digits = unsigned.replacing("_", with: "").lowercased()
        guard let first = digits.first, first.isNumber || first == ".", !unsigned.hasSuffix("_") else { return nil }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
            guard let value = Int(digits.dropFirst(2), radix: radix) else { return nil }
            return String(isNegative ? -value : value)
        }
        if digits.count > 1, first == "0", digits.allSatisfy(\.isNumber) {
            return Int(digits, radix: 8).map { String(isNegative ? -$0 : $0) }
        }
        if digits.allSatisfy(\.isNumber) { return Int((isNegative ? "-" : "") + digits).map(String.init) }
        guard digits.allSatisfy({ $0.isNumber || ".e+-".contains($0) }), let value = Double(digits), value.isFinite
        else { return nil }
        return TemplateNumber(isNegative ? -value : value).text
    }
}
