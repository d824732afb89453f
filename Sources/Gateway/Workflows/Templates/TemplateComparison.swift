/// `eq`, `ne`, `lt`, `le`, `gt`, `ge`.
///
/// Numbers compare by value, whether written in the template or come from JSON; Go refuses to mix them.
enum TemplateComparison {
    static func compare(_ function: TemplateFunction, _ arguments: [TemplateValue]) throws(TemplateFault) -> Bool {
        switch function {
        case .eq:
            for other in arguments.dropFirst() where try areEqual(arguments[0], other) { return true }
            return false
        case .ne: return try !areEqual(arguments[0], arguments[1])
        case .lt: return try order(function, arguments) < 0
        case .le: return try order(function, arguments) <= 0
        case .gt: return try order(function, arguments) > 0
        default: return try order(function, arguments) >= 0
        }
    }

    private static func areEqual(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFault) -> Bool {
        switch (left, right) {
        case (.missing, .missing), (.missing, .null), (.null, .missing), (.null, .null): return true
        case (.missing, _), (_, .missing), (.null, _), (_, .null): return false
        case (.bool(let left), .bool(let right)): return left == right
        case (.number(let left), .number(let right)): return left.compared(to: right) == 0
        case (.string(let left), .string(let right)): return left.utf8.elementsEqual(right.utf8)
        default: throw TemplateFault("expected two values of one simple type, found \(left.kind) and \(right.kind)")
        }
    }

    private static func order(
        _ function: TemplateFunction, _ arguments: [TemplateValue]
    ) throws(TemplateFault) -> Int {
        for argument in arguments {
            if case .missing(let path) = argument {
                throw TemplateFault("`\(path)` is missing; use `default` where it may be")
            }
        }
        switch (arguments[0], arguments[1]) {
        case (.number(let left), .number(let right)): return left.compared(to: right)
        case (.string(let left), .string(let right)):
            if left.utf8.elementsEqual(right.utf8) { return 0 }
            return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
        case (let left, let right):
            throw TemplateFault(
                "expected two numbers or two texts for `\(function.rawValue)`, found \(left.kind) and \(right.kind)")
        }
    }
}
