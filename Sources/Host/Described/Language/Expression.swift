/// A whole number that is worked out for each call: a length, a capacity, a bound argument.
///
/// ```
/// sum     = product { ("+" | "-") product }
/// product = factor { ("*" | "/") factor }
/// factor  = INTEGER | NAME | "length" "(" NAME ")" | "(" sum ")" | "-" factor
/// ```
/// `NAME` is an integer argument, a constant of the description, or `dimensions`.
package indirect enum Expression: Sendable, Equatable {
    package enum Operation: Sendable { case add, subtract, multiply, divide }

    case constant(Int64)
    case name(String)
    /// Elements of an array, bytes of a buffer or a text.
    case length(String)
    case binary(Operation, Expression, Expression)

    init(parsing text: String) throws(Cursor.Misfit) {
        var cursor = Cursor(text)
        self = try Self.sum(&cursor, depth: 0)
        try cursor.end()
    }

    static func sum(_ cursor: inout Cursor, depth: Int) throws(Cursor.Misfit) -> Expression {
        // A text of parentheses must not use up the stack.
        guard depth < 32 else { throw cursor.misfit("fewer parentheses") }
        var left = try product(&cursor, depth: depth)
        while true {
            if cursor.take("+") {
                left = .binary(.add, left, try product(&cursor, depth: depth))
            } else if cursor.take("-") {
                left = .binary(.subtract, left, try product(&cursor, depth: depth))
            } else {
                return left
            }
        }
    }

    private static func product(_ cursor: inout Cursor, depth: Int) throws(Cursor.Misfit) -> Expression {
        var left = try factor(&cursor, depth: depth)
        while true {
            if cursor.take("*") {
                left = .binary(.multiply, left, try factor(&cursor, depth: depth))
            } else if cursor.take("/") {
                left = .binary(.divide, left, try factor(&cursor, depth: depth))
            } else {
                return left
            }
        }
    }

    private static func factor(_ cursor: inout Cursor, depth: Int) throws(Cursor.Misfit) -> Expression {
        if let value = try cursor.integer() { return .constant(value) }
        if cursor.take("-") {
            guard depth < 32 else { throw cursor.misfit("fewer signs") }
            return .binary(.subtract, .constant(0), try factor(&cursor, depth: depth + 1))
        }
        if cursor.take("(") {
            let inner = try sum(&cursor, depth: depth + 1)
            guard cursor.take(")") else { throw cursor.misfit("')'") }
            return inner
        }
        guard let name = cursor.name() else {
            throw cursor.misfit("a number, a name, length(NAME) or parentheses")
        }
        guard name == "length", cursor.take("(") else { return .name(name) }
        guard let argument = cursor.name(), cursor.take(")") else { throw cursor.misfit("a name and ')'") }
        return .length(argument)
    }

    /// Names that it takes values of, and names that it takes lengths of.
    var names: (values: [String], lengths: [String]) {
        switch self {
        case .constant: ([], [])
        case .name(let name): ([name], [])
        case .length(let name): ([], [name])
        case .binary(_, let left, let right):
            (left.names.values + right.names.values, left.names.lengths + right.names.lengths)
        }
    }

    /// Why a call could not be made.
    package enum Fault: Error, Equatable { case overflow, division, unknown(String) }

    /// - Parameters:
    ///   - value: The value of a name, if it has one.
    ///   - length: The length of an argument, if it has one.
    func evaluate(value: (String) -> Int64?, length: (String) -> Int64?) throws(Fault) -> Int64 {
        switch self {
        case .constant(let value): return value
        case .name(let name):
            guard let found = value(name) else { throw .unknown(name) }
            return found
        case .length(let name):
            guard let found = length(name) else { throw .unknown(name) }
            return found
        case .binary(let operation, let left, let right):
            let left = try left.evaluate(value: value, length: length)
            let right = try right.evaluate(value: value, length: length)
            let (result, overflow): (Int64, Bool) =
                switch operation {
                case .add: left.addingReportingOverflow(right)
                case .subtract: left.subtractingReportingOverflow(right)
                case .multiply: left.multipliedReportingOverflow(by: right)
                case .divide: left.dividedReportingOverflow(by: right)
                }
            if overflow { throw right == 0 && operation == .divide ? .division : .overflow }
            return result
        }
    }
}
