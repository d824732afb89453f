/// What a plain scalar means: the core schema of YAML 1.2, section 10.3.2.
///
/// `yes`, `no`, `on` and `off` are text here, and so are times of day and dates: the traps of YAML 1.1 do not open.
/// Numbers with a leading zero are refused, since YAML 1.1 reads them as octal and YAML 1.2 as decimal.
enum ScalarResolution {
    /// Why a plain scalar has no value that JSON could carry.
    struct Refusal: Error, Equatable {
        let message: String
    }

    /// The content of a scalar without quotes and without a tag.
    ///
    /// - Throws: ``Refusal`` for `.inf`, `.nan`, leading zeros, and octal or hexadecimal numbers over 64 bits.
    static func plain(_ text: String) throws(Refusal) -> Node.Content {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        default: break
        }
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return .text(text) }
        return try number(text)
    }

    private static func number(_ text: String) throws(Refusal) -> Node.Content {
        if text.hasPrefix("0o") || text.hasPrefix("0x") {
            let digits = text.dropFirst(2)
            let radix = text.hasPrefix("0o") ? 8 : 16
            guard !digits.isEmpty,
                digits.allSatisfy({ $0.isASCII && $0.isHexDigit && ($0.hexDigitValue ?? 16) < radix })
            else { return .text(text) }
            guard let value = UInt64(digits, radix: radix) else {
                throw Refusal(
                    message: "expected a number of at most 64 bits, found \(text); write it in decimal digits")
            }
            return .integer(String(value))
        }
        var rest = Substring(text)
        var sign = ""
        if let first = rest.first, first == "-" || first == "+" {
            sign = first == "-" ? "-" : ""
            rest = rest.dropFirst()
        }
        switch rest {
        case ".inf", ".Inf", ".INF":
            throw Refusal(message: "expected a finite number, found \(text); JSON has no infinity")
        case ".nan", ".NaN", ".NAN":
            guard rest == text[...] else { return .text(text) }
            throw Refusal(message: "expected a number, found \(text); JSON has no such value")
        default: break
        }
        return try decimal(rest, sign: sign, original: text)
    }

    private static func decimal(_ rest: Substring, sign: String, original: String) throws(Refusal) -> Node.Content {
        let whole = rest.prefix { $0.isASCII && $0.isNumber }
        var tail = rest.dropFirst(whole.count)
        var fraction: Substring?
        if tail.first == "." {
            let digits = tail.dropFirst().prefix { $0.isASCII && $0.isNumber }
            fraction = digits
            tail = tail.dropFirst(1 + digits.count)
        }
        guard !whole.isEmpty || fraction?.isEmpty == false else { return .text(original) }
        var exponent = ""
        if let mark = tail.first, mark == "e" || mark == "E" {
            exponent = String(tail)
            var digits = tail.dropFirst()
            if let sign = digits.first, sign == "-" || sign == "+" { digits = digits.dropFirst() }
            guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return .text(original) }
        } else if !tail.isEmpty {
            return .text(original)
        }
        if whole.count > 1, whole.first == "0" {
            throw Refusal(
                message: "expected a number without leading zeros, found \(original), which some YAML readers take "
                    + "for octal; put it in quotes for text, or drop the zeros")
        }
        if fraction == nil, exponent.isEmpty { return .integer(sign + whole) }
        let shownFraction = fraction.map { "." + ($0.isEmpty ? "0" : $0) } ?? ""
        return .number(sign + (whole.isEmpty ? "0" : whole) + shownFraction + exponent)
    }
}
