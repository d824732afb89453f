package import PluginKit

/// A condition over a caller's claims, in a part of the Common Expression Language (github.com/google/cel-spec).
///
/// There are `==  !=  <  >  in  &&  ||  !  ( )`, `has()`, `startsWith`, `endsWith`, `contains`, `matches`, literals, lists of
/// them, and members of `claims`. All else is refused when it is read, so that no mapping means less than it says.
package struct ClaimExpression: Sendable {
    /// Most bytes of an expression.
    package static let maximumLength = 4_096

    indirect enum Node: Sendable {
        case literal(JSONValue)
        case list([Node])
        /// The whole object.
        case claims
        case member(Node, String)
        case element(Node, Node)
        case has(Node, String)
        case not(Node)
        case and(Node, Node)
        case or(Node, Node)
        case compare(Comparison, Node, Node)
        case test(TextTest, Node, Node)
    }

    enum Comparison: String, Sendable { case equal = "==", unequal = "!=", less = "<", greater = ">", `in` }

    enum TextTest: String, Sendable { case startsWith, endsWith, contains, matches }

    /// Why an expression has no value for these claims. Holds no claim: only what the expression says.
    package struct Failure: Error { package let why: String }

    private let root: Node

    /// - Throws: ``PluginError`` that names what is not understood, and where.
    package init(_ text: String) throws(PluginError) {
        guard text.utf8.count <= Self.maximumLength else {
            throw PluginError(.invalid, "expected at most \(Self.maximumLength) bytes, found \(text.utf8.count)")
        }
        var parser = try ClaimExpressionParser(text)
        root = try parser.expression()
    }

    /// Whether the claims fulfil it.
    package func holds(for claims: JSONValue) throws(Failure) -> Bool { try truth(root, claims) }

    // MARK: Evaluation

    private func truth(_ node: Node, _ claims: JSONValue) throws(Failure) -> Bool {
        guard let value = try value(node, claims).bool else { throw Failure(why: "expected a truth value") }
        return value
    }

    private func value(_ node: Node, _ claims: JSONValue) throws(Failure) -> JSONValue {
        switch node {
        case .literal(let value): return value
        case .claims: return claims
        case .list(let nodes):
            var values: [JSONValue] = []
            for node in nodes { values.append(try value(node, claims)) }
            return .array(values)
        case .member(let object, let name):
            guard let member = try value(object, claims)[name] else { throw Failure(why: "no such member: \(name)") }
            return member
        case .element(let container, let index):
            return try element(value(container, claims), value(index, claims))
        case .has(let object, let name):
            let object = try value(object, claims)
            guard object.members != nil else { throw Failure(why: "has(): expected an object around \(name)") }
            return .bool(object[name] != nil)
        case .not(let operand): return .bool(try !truth(operand, claims))
        case .and(let left, let right): return .bool(try joined(left, right, claims, decisive: false))
        case .or(let left, let right): return .bool(try joined(left, right, claims, decisive: true))
        case .compare(let comparison, let left, let right):
            return .bool(try compare(comparison, value(left, claims), value(right, claims)))
        case .test(let test, let text, let argument):
            guard let text = try value(text, claims).string, let argument = try value(argument, claims).string else {
                throw Failure(why: "\(test.rawValue): expected texts")
            }
            return .bool(try holds(test, text, argument))
        }
    }

    /// `&&` and `||`: a side that decides alone does so also when the other one has no value (language definition, "Logical
    /// Operators").
    private func joined(
        _ left: Node, _ right: Node, _ claims: JSONValue, decisive: Bool
    ) throws(Failure) -> Bool {
        let first: Bool
        do throws(Failure) { first = try truth(left, claims) } catch {
            if try truth(right, claims) == decisive { return decisive }
            throw error
        }
        return first == decisive ? decisive : try truth(right, claims)
    }

    private func element(_ container: JSONValue, _ index: JSONValue) throws(Failure) -> JSONValue {
        if let name = index.string, let found = container[name] { return found }
        if let number = index.integer, let values = container.array, values.indices.contains(number) {
            return values[number]
        }
        throw Failure(why: "no such element")
    }

    private func compare(_ comparison: Comparison, _ left: JSONValue, _ right: JSONValue) throws(Failure) -> Bool {
        switch comparison {
        case .equal: return Self.areEqual(left, right)
        case .unequal: return !Self.areEqual(left, right)
        case .in:
            if let values = right.array { return values.contains { Self.areEqual(left, $0) } }
            if let name = left.string, right.members != nil { return right[name] != nil }
            throw Failure(why: "in: expected a list or an object on the right")
        case .less, .greater:
            let isLess = comparison == .less
            if let left = left.string, let right = right.string {
                // By code point, as the language has it.
                let (left, right) = (left.unicodeScalars, right.unicodeScalars)
                return isLess ? left.lexicographicallyPrecedes(right) : right.lexicographicallyPrecedes(left)
            }
            if let left = left.integer, let right = right.integer { return isLess ? left < right : left > right }
            if let left = left.double, let right = right.double { return isLess ? left < right : left > right }
            throw Failure(why: "\(comparison.rawValue): expected two texts or two numbers")
        }
    }

    private static func areEqual(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let left = left.integer, let right = right.integer { return left == right }
        if let left = left.double, let right = right.double { return left == right }
        if let left = left.array, let right = right.array {
            return left.count == right.count && zip(left, right).allSatisfy(areEqual)
        }
        if let members = left.members, let others = right.members {
            return members.count == others.count
                && members.allSatisfy { member in right[member.name].map { areEqual(member.value, $0) } ?? false }
        }
        // Texts are compared by code point: Swift's own equality takes canonically equivalent ones for the same.
        if let left = left.string, let right = right.string { return left.utf8.elementsEqual(right.utf8) }
        return left == right
    }

    private func holds(_ test: TextTest, _ text: String, _ argument: String) throws(Failure) -> Bool {
        switch test {
        case .startsWith: return text.utf8.starts(with: argument.utf8)
        case .endsWith: return text.utf8.reversed().starts(with: argument.utf8.reversed())
        case .contains: return argument.isEmpty || text.utf8.firstRange(of: argument.utf8) != nil
        case .matches:
            // The claim is the issuer's, and the engine goes back over it: what is short cannot take long.
            guard text.utf8.count <= 512 else { throw Failure(why: "matches: expected a text of at most 512 bytes") }
            do { return try text.firstMatch(of: Regex(argument).matchingSemantics(.unicodeScalar)) != nil } catch {
                throw Failure(why: "matches: expected a regular expression")
            }
        }
    }
}
