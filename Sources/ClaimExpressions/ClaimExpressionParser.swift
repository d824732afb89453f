import PluginKit

/// Reads a ``ClaimExpression``, by descent; precedence is that of the language: `||`, `&&`, relations, `!`, members.
struct ClaimExpressionParser {
    /// Deepest nesting; a guard for the stack.
    private static let maximumDepth = 64
    private static let relations: Set<String> = ["==", "!=", "<", ">", "in"]

    private let tokens: [ClaimToken]
    private var position = 0
    private var depth = 0

    init(_ text: String) throws(PluginError) { tokens = try ClaimToken.tokens(of: text) }

    /// The whole text.
    mutating func expression() throws(PluginError) -> ClaimExpression.Node {
        let node = try disjunction()
        guard current == .end else { throw refused() }
        return node
    }

    private var current: ClaimToken.Kind { tokens[position].kind }

    /// Takes an operator, if it is the one.
    private mutating func take(_ text: String) -> Bool {
        guard current == .symbol(text) || text == "in" && current == .name("in") else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ text: String) throws(PluginError) {
        guard take(text) else {
            throw PluginError(.invalid, "expected `\(text)` at byte \(tokens[position].offset), found \(current.words)")
        }
    }

    /// What stands here is not part of what is understood.
    private func refused() -> PluginError {
        let (kind, offset) = (current, tokens[position].offset)
        guard kind != .end else { return PluginError(.invalid, "expected more after byte \(offset), found the end") }
        return PluginError(
            .invalid,
            "\(kind.words) at byte \(offset) is not supported here; there are ==, !=, <, >, in, &&, ||, !, (), has(), "
                + "startsWith, endsWith, contains, matches, and members of claims")
    }

    private mutating func disjunction() throws(PluginError) -> ClaimExpression.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw PluginError(.invalid, "expected at most \(Self.maximumDepth) levels of nesting, found more")
        }
        var node = try conjunction()
        while take("||") { node = .or(node, try conjunction()) }
        return node
    }

    private mutating func conjunction() throws(PluginError) -> ClaimExpression.Node {
        var node = try relation()
        while take("&&") { node = .and(node, try relation()) }
        return node
    }

    private mutating func relation() throws(PluginError) -> ClaimExpression.Node {
        var node = try unary()
        while let name = current.text, Self.relations.contains(name),
            let comparison = ClaimExpression.Comparison(rawValue: name), take(name)
        {
            node = .compare(comparison, node, try unary())
        }
        return node
    }

    private mutating func unary() throws(PluginError) -> ClaimExpression.Node {
        var negations = 0
        while take("!") { negations += 1 }
        let node = try member()
        // The operand must be a truth value, also when two negations undo each other.
        return negations == 0 ? node : negations % 2 == 1 ? .not(node) : .not(.not(node))
    }

    private mutating func member() throws(PluginError) -> ClaimExpression.Node {
        var node = try primary()
        while true {
            if take("[") {
                node = .element(node, try disjunction())
                try expect("]")
            } else if take(".") {
                guard case .name(let name) = current else { throw refused() }
                if tokens[position + 1].kind == .symbol("(") {
                    guard let test = ClaimExpression.TextTest(rawValue: name) else { throw refused() }
                    position += 2
                    let argument = try disjunction()
                    try check(test, argument)
                    node = .test(test, node, argument)
                    try expect(")")
                } else {
                    position += 1
                    node = .member(node, name)
                }
            } else {
                return node
            }
        }
    }

    /// A pattern that is written down is tried at once.
    private func check(_ test: ClaimExpression.TextTest, _ argument: ClaimExpression.Node) throws(PluginError) {
        guard test == .matches, case .literal(.string(let pattern)) = argument else { return }
        do { _ = try Regex(pattern) } catch {
            throw PluginError(.invalid, "matches: expected a regular expression, found \"\(pattern)\"")
        }
    }

    private mutating func primary() throws(PluginError) -> ClaimExpression.Node {
        if take("(") {
            let node = try disjunction()
            try expect(")")
            return node
        }
        if take("[") { return try list() }
        switch current {
        case .text(let text):
            position += 1
            return .literal(.string(text))
        case .number(let text):
            position += 1
            return .literal(.number(text))
        case .name("true"), .name("false"):
            position += 1
            return .literal(.bool(tokens[position - 1].kind == .name("true")))
        case .name("null"):
            position += 1
            return .literal(.null)
        case .name("claims") where tokens[position + 1].kind != .symbol("("):
            position += 1
            return .claims
        case .name("has") where tokens[position + 1].kind == .symbol("("):
            position += 2
            return try presence()
        default: throw refused()
        }
    }

    private mutating func list() throws(PluginError) -> ClaimExpression.Node {
        var nodes: [ClaimExpression.Node] = []
        while !take("]") {
            if !nodes.isEmpty {
                try expect(",")
                if take("]") { break }
            }
            nodes.append(try disjunction())
        }
        return .list(nodes)
    }

    private mutating func presence() throws(PluginError) -> ClaimExpression.Node {
        let node = try member()
        guard case .member(let object, let name) = node else {
            throw PluginError(.invalid, "has(): expected a member such as claims.groups")
        }
        try expect(")")
        return .has(object, name)
    }
}
