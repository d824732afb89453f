#if canImport(Glibc)
    import Glibc
#endif

/// `printf` of templates: the verbs and flags of Go's `fmt` that fit JSON values.
struct TemplateFormat {
    /// Widest field and longest fraction.
    private static let maximumWidth = 10_000

    private var flags: Set<Character> = []
    private var width: Int?
    private var precision: Int?

    /// - Parameter arguments: The format, then what it formats.
    static func format(_ arguments: [TemplateValue]) throws(TemplateFault) -> String {
        guard case .string(let format) = arguments[0] else {
            throw TemplateFault("expected text as the format of `printf`, found \(arguments[0].kind)")
        }
        var out = ""
        var next = 1
        var rest = Substring(format)
        while let percent = rest.firstIndex(of: "%") {
            out += rest[..<percent]
            rest = rest[rest.index(after: percent)...]
            var field = TemplateFormat()
            try field.read(&rest)
            guard let verb = rest.popFirst() else {
                out += "%!(NOVERB)"
                break
            }
            if verb == "%" {
                out += "%"
            } else if next < arguments.count {
                out += field.pad(try field.text(arguments[next], verb))
                next += 1
            } else {
                out += "%!\(verb)(MISSING)"
            }
        }
        out += rest
        if next < arguments.count {
            out +=
                "%!(EXTRA \(arguments[next...].map { "\(typeName($0))=\(GoText.print($0))" }.joined(separator: ", ")))"
        }
        return out
    }

    private mutating func read(_ rest: inout Substring) throws(TemplateFault) {
        while let flag = rest.first, "+-# 0".contains(flag) {
            flags.insert(flag)
            rest.removeFirst()
        }
        width = try Self.number(&rest)
        if rest.first == "." {
            rest.removeFirst()
            precision = try Self.number(&rest) ?? 0
        }
    }

    private static func number(_ rest: inout Substring) throws(TemplateFault) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        guard let number = Int(digits), number <= maximumWidth else {
            throw TemplateFault("expected a width of at most \(maximumWidth) in `printf`, found more")
        }
        return number
    }

    private func text(_ value: TemplateValue, _ verb: Character) throws(TemplateFault) -> String {
        switch (verb, value) {
        case ("v", .number), ("v", .bool), ("v", .list), ("v", .map), ("v", .json), ("v", .null), ("v", .missing):
            return signed(GoText.print(value, isInner: true), value)
        case ("v", .string(let text)), ("s", .string(let text)): return cut(text)
        case ("s", .list), ("s", .map), ("s", .json): return GoText.print(value)
        case ("q", .string(let text)): return GoText.quote(cut(text))
        case ("t", .bool(let value)): return String(value)
        case ("T", _): return Self.typeName(value)
        case ("d", .number(let number)) where number.integer != nil || Self.isDigits(number.printed):
            return signed(number.printed, value)
        case ("x", .number(let number)), ("X", .number(let number)), ("o", .number(let number)),
            ("b", .number(let number)):
            guard let integer = number.integer else { break }
            let radix = verb == "o" ? 8 : verb == "b" ? 2 : 16
            let prefix = flags.contains("#") ? (verb == "o" ? "0" : verb == "b" ? "0b" : "0\(verb)") : ""
            let digits = String(integer.magnitude, radix: radix, uppercase: verb == "X")
            return (integer < 0 ? "-" : "") + prefix + digits
        case ("x", .string(let text)), ("X", .string(let text)):
            return text.utf8.map { GoText.hex(UInt32($0), width: 2, isUpper: verb == "X") }.joined()
        case ("c", .number(let number)), ("U", .number(let number)):
            guard let integer = number.integer, let scalar = UInt32(exactly: integer).flatMap(Unicode.Scalar.init)
            else {
                break
            }
            return verb == "c" ? String(scalar) : "U+" + GoText.hex(scalar.value, width: 4, isUpper: true)
        case ("f", .number(let number)), ("F", .number(let number)), ("e", .number(let number)),
            ("E", .number(let number)), ("g", .number(let number)), ("G", .number(let number)):
            if verb.lowercased() == "g", precision == nil { return signed(number.printed, value) }
            return signed(Self.decimal(number.double, verb, precision ?? 6), value)
        default: break
        }
        return "%!\(verb)(\(Self.typeName(value))=\(GoText.print(value)))"
    }

    private static func decimal(_ value: Double, _ verb: Character, _ precision: Int) -> String {
        var buffer = [CChar](repeating: 0, count: 400 + precision)
        let count = withVaList([Int32(precision), value]) { vsnprintf(&buffer, buffer.count, "%.*\(verb)", $0) }
        return String(decoding: buffer.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private func cut(_ text: String) -> String {
        precision.map { String(String.UnicodeScalarView(text.unicodeScalars.prefix($0))) } ?? text
    }

    private func signed(_ text: String, _ value: TemplateValue) -> String {
        guard case .number = value, !text.hasPrefix("-") else { return text }
        return flags.contains("+") ? "+" + text : flags.contains(" ") ? " " + text : text
    }

    private func pad(_ text: String) -> String {
        let count = text.unicodeScalars.count
        guard let width, count < width else { return text }
        if flags.contains("-") { return text + String(repeating: " ", count: width - count) }
        guard flags.contains("0") else { return String(repeating: " ", count: width - count) + text }
        let sign = text.hasPrefix("-") || text.hasPrefix("+") ? text.prefix(1) : ""
        return sign + String(repeating: "0", count: width - count) + text.dropFirst(sign.count)
    }

    private static func isDigits(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
    }

    private static func typeName(_ value: TemplateValue) -> String {
        switch value {
        case .missing, .null: "<nil>"
        case .bool: "bool"
        case .number(let number): number.integer != nil ? "int" : "float64"
        case .string: "string"
        default: value.isObject ? "map[string]interface {}" : "[]interface {}"
        }
    }
}
