extension TemplatePipeline {
    private static let keywords: Set<String> = [
        "if", "else", "end", "range", "with", "define", "template", "block", "break", "continue",
    ]

    /// Reads a whole pipeline.
    /// - Parameters:
    ///   - tokens: All of it and nothing else.
    ///   - parser: Knows the variables; gets those that are declared here.
    static func read(
        _ tokens: ArraySlice<TemplateToken>, at offset: Int, isRange: Bool = false, in parser: inout TemplateParser
    ) throws(TemplateFault) -> TemplatePipeline {
        var rest = tokens
        let pipeline = try take(&rest, at: offset, isRange: isRange, in: &parser)
        if let token = rest.first {
            throw TemplateFault("expected `}}`, found `\(token.kind.text)`", at: token.offset)
        }
        return pipeline
    }

    /// Reads up to the end or a closing parenthesis, which stays.
    private static func take(
        _ tokens: inout ArraySlice<TemplateToken>, at offset: Int, isRange: Bool = false,
        in parser: inout TemplateParser
    ) throws(TemplateFault) -> TemplatePipeline {
        let (variables, isAssignment) = try declaration(&tokens, isRange: isRange, in: parser)
        var commands: [TemplateCommand] = []
        repeat {
            commands.append(try command(&tokens, at: offset, isPiped: !commands.isEmpty, in: &parser))
        } while takePipe(&tokens)
        if !isAssignment { parser.variables += variables }
        return TemplatePipeline(offset: offset, variables: variables, isAssignment: isAssignment, commands: commands)
    }

    private static func takePipe(_ tokens: inout ArraySlice<TemplateToken>) -> Bool {
        guard tokens.first?.kind == .pipe else { return false }
        tokens.removeFirst()
        return true
    }

    /// `$x :=`, `$x =`, and `$i, $v :=` of a range.
    private static func declaration(
        _ tokens: inout ArraySlice<TemplateToken>, isRange: Bool, in parser: TemplateParser
    ) throws(TemplateFault) -> ([String], isAssignment: Bool) {
        let kinds = tokens.prefix(4).map(\.kind)
        guard case .variable(let first)? = kinds.first, kinds.count > 1 else { return ([], false) }
        var names = [first]
        var next = 1
        if isRange, kinds.count > 3, kinds[1] == .comma, case .variable(let second) = kinds[2] {
            names.append(second)
            next = 3
        }
        guard kinds[next] == .declare || kinds[next] == .assign else { return ([], false) }
        let isAssignment = kinds[next] == .assign
        for name in names where isAssignment && !parser.variables.contains(name) {
            throw TemplateFault("expected a variable that was declared, found `$\(name)`", at: tokens.first?.offset)
        }
        if names.contains("") { throw TemplateFault("expected a name after `$`, found none", at: tokens.first?.offset) }
        tokens.removeFirst(next + 1)
        return (names, isAssignment)
    }

    private static func command(
        _ tokens: inout ArraySlice<TemplateToken>, at offset: Int, isPiped: Bool, in parser: inout TemplateParser
    ) throws(TemplateFault) -> TemplateCommand {
        guard let first = tokens.first, first.kind != .pipe, first.kind != .close else {
            let found = tokens.first.map { "`\($0.kind.text)`" } ?? "nothing"
            throw TemplateFault("expected a value, found \(found)", at: tokens.first?.offset ?? offset)
        }
        var operands: [TemplateExpression] = []
        while let token = tokens.first, token.kind != .pipe, token.kind != .close {
            if !operands.isEmpty, !token.isApart {
                throw TemplateFault("expected a space before `\(token.kind.text)`, found none", at: token.offset)
            }
            operands.append(try operand(&tokens, in: &parser))
        }
        let head = operands.removeFirst()
        guard case .function(let function, _) = head, case .word = first.kind else {
            if isPiped {
                throw TemplateFault("expected a function after `|`, found `\(first.kind.text)`", at: first.offset)
            }
            if !operands.isEmpty {
                throw TemplateFault(
                    "expected a function before arguments, found `\(first.kind.text)`", at: first.offset)
            }
            return TemplateCommand(offset: first.offset, value: head)
        }
        let count = operands.count + (isPiped ? 1 : 0)
        guard function.arity.contains(count) else {
            throw TemplateFault(
                "expected \(words(function.arity)) of `\(function.rawValue)`, found \(count)", at: first.offset)
        }
        return TemplateCommand(offset: first.offset, value: .function(function, operands))
    }

    private static func words(_ arity: ClosedRange<Int>) -> String {
        let least = "\(arity.lowerBound) argument\(arity.lowerBound == 1 ? "" : "s")"
        if arity.lowerBound == arity.upperBound { return least }
        return arity.upperBound == Int.max
            ? "at least \(least)" : "\(arity.lowerBound) to \(arity.upperBound) arguments"
    }

    private static func operand(
        _ tokens: inout ArraySlice<TemplateToken>, in parser: inout TemplateParser
    ) throws(TemplateFault) -> TemplateExpression {
        let token = tokens.removeFirst()
        switch token.kind {
        case .dot: return .field([])
        case .field(let name): return .field([name] + fields(&tokens))
        case .string(let text): return .constant(.string(text))
        case .number(let text): return .constant(.number(TemplateNumber(text: text)))
        case .word("true"): return .constant(.bool(true))
        case .word("false"): return .constant(.bool(false))
        case .word("nil"): return .constant(.null)
        case .word(let name): return .function(try function(name, at: token.offset), [])
        case .variable(let name):
            guard parser.variables.contains(name) else {
                throw TemplateFault("expected a variable that was declared, found `$\(name)`", at: token.offset)
            }
            return .variable(name, fields(&tokens))
        case .open:
            try parser.enter(at: token.offset)
            let pipeline = try take(&tokens, at: token.offset, in: &parser)
            guard tokens.first?.kind == .close else {
                throw TemplateFault("expected `)` for `(`, found none; close it", at: token.offset)
            }
            tokens.removeFirst()
            parser.leave()
            return .pipeline(pipeline, fields(&tokens))
        case .pipe, .comma, .close, .declare, .assign:
            throw TemplateFault("expected a value, found `\(token.kind.text)`", at: token.offset)
        }
    }

    /// `.a.b` right behind a value.
    private static func fields(_ tokens: inout ArraySlice<TemplateToken>) -> [String] {
        var names: [String] = []
        while let token = tokens.first, !token.isApart, case .field(let name) = token.kind {
            names.append(name)
            tokens.removeFirst()
        }
        return names
    }

    private static func function(_ name: String, at offset: Int) throws(TemplateFault) -> TemplateFunction {
        if let function = TemplateFunction(rawValue: name) { return function }
        if keywords.contains(name) {
            throw TemplateFault("expected a value, found the keyword `\(name)`", at: offset)
        }
        let known = TemplateFunction.allCases.map(\.rawValue).sorted().joined(separator: ", ")
        throw TemplateFault("expected a function, found `\(name)`; there are \(known)", at: offset)
    }
}
