/// What the functions of templates compute. `and` and `or` are not here: they do not evaluate all of their arguments.
enum TemplateFunctions {
    static func apply(
        _ function: TemplateFunction, _ arguments: [TemplateValue]
    ) throws(TemplateFault) -> TemplateValue {
        switch function {
        case .and, .or: return arguments.last ?? .null
        case .not: return .bool(!arguments[0].isTrue)
        case .eq, .ne, .lt, .le, .gt, .ge: return .bool(try TemplateComparison.compare(function, arguments))
        case .len: return .integer(try length(arguments[0]))
        case .index: return try index(arguments)
        case .slice: return try slice(arguments)
        case .print: return .string(print(arguments))
        case .println: return .string(arguments.map { GoText.print($0) }.joined(separator: " ") + "\n")
        case .printf: return .string(try TemplateFormat.format(arguments))
        case .html: return .string(GoText.escapeHTML(print(arguments)))
        case .js: return .string(GoText.escapeJavaScript(print(arguments)))
        case .urlquery: return .string(GoText.escapeQuery(print(arguments)))
        case .json:
            var out: [UInt8] = []
            arguments[0].appendJSON(.go, to: &out)
            return .string(String(decoding: out, as: UTF8.self))
        case .fromJson:
            let bytes = Array(try text(arguments[0], of: function).utf8)
            do throws(JSONScanError) { return TemplateValue(try JSONSlice(validating: bytes)) } catch {
                throw TemplateFault("expected JSON in the text that `fromJson` gets, found \(error)")
            }
        case .quote: return .string(GoText.quote(try text(arguments[0], of: function)))
        case .standard: return isAbsent(arguments[1]) ? arguments[0] : arguments[1]
        }
    }

    /// `default` stands in for what is missing, null or empty text; 0 and false are values.
    private static func isAbsent(_ value: TemplateValue) -> Bool {
        switch value {
        case .missing, .null: true
        case .string(let text): text.isEmpty
        default: false
        }
    }

    private static func text(_ value: TemplateValue, of function: TemplateFunction) throws(TemplateFault) -> String {
        if case .string(let text) = value { return text }
        throw TemplateFault("expected text for `\(function.rawValue)`, found \(value.kind)")
    }

    private static func length(_ value: TemplateValue) throws(TemplateFault) -> Int {
        if case .string(let text) = value { return text.utf8.count }
        guard let count = value.count else {
            throw TemplateFault("expected text, a list or an object for `len`, found \(value.kind)")
        }
        return count
    }

    /// `fmt.Sprint`: a space between two operands of which neither is text.
    private static func print(_ arguments: [TemplateValue]) -> String {
        var out = ""
        for (index, argument) in arguments.enumerated() {
            if index > 0, !isText(arguments[index - 1]), !isText(argument) { out += " " }
            out += GoText.print(argument, isInner: arguments.count > 1)
        }
        return out
    }

    private static func isText(_ value: TemplateValue) -> Bool { if case .string = value { true } else { false } }

    private static func index(_ arguments: [TemplateValue]) throws(TemplateFault) -> TemplateValue {
        var value = arguments[0]
        for key in arguments.dropFirst() {
            if value.isList {
                let position = try position(key, of: .index)
                let (found, count) = value.elements(in: position..<max(position, position &+ 1))
                guard let element = found.first else {
                    throw TemplateFault("expected an index below \(count), found \(position)")
                }
                value = element
            } else if value.isObject {
                guard case .string(let name) = key else {
                    throw TemplateFault("expected text as the key of an object, found \(key.kind)")
                }
                value = value.member(name) ?? .missing("index … \"\(name)\"")
            } else if case .string(let text) = value {
                let bytes = Array(text.utf8)
                let position = try position(key, of: .index)
                guard bytes.indices.contains(position) else {
                    throw TemplateFault("expected an index below \(bytes.count), found \(position)")
                }
                value = .integer(Int(bytes[position]))
            } else if value.isMissing {
                return value
            } else {
                throw TemplateFault("expected a list or an object for `index`, found \(value.kind)")
            }
        }
        return value
    }

    private static func slice(_ arguments: [TemplateValue]) throws(TemplateFault) -> TemplateValue {
        let value = arguments[0]
        let text: [UInt8]? = if case .string(let text) = value { Array(text.utf8) } else { nil }
        guard let count = text?.count ?? (value.isList ? value.count : nil) else {
            throw TemplateFault("expected text or a list for `slice`, found \(value.kind)")
        }
        let start = arguments.count > 1 ? try position(arguments[1], of: .slice) : 0
        let end = arguments.count > 2 ? try position(arguments[2], of: .slice) : count
        guard start >= 0, start <= end, end <= count else {
            throw TemplateFault("expected indices from 0 to \(count) in rising order, found \(start) and \(end)")
        }
        if let text { return .string(String(decoding: text[start..<end], as: UTF8.self)) }
        return .list(value.elements(in: start..<end).found)
    }

    private static func position(
        _ value: TemplateValue, of function: TemplateFunction
    ) throws(TemplateFault) -> Int {
        if case .number(let number) = value, let integer = number.integer { return integer }
        throw TemplateFault("expected a whole number as index for `\(function.rawValue)`, found \(value.kind)")
    }
}
