/// A value on its way into a described library or out of it.
package enum Value: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Above the largest Int64 only, so that equal numbers are equal values.
    case unsigned(UInt64)
    case real(Double)
    case text(String)
    case bytes([UInt8])
    /// Vectors, which would cost too much one by one.
    case floats([Float])
    case list([Value])
    case record([Member])

    init(_ unsigned: UInt64) {
        self = Int64(exactly: unsigned).map(Value.integer) ?? .unsigned(unsigned)
    }

    /// What it is, for messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .unsigned: "a whole number"
        case .real: "a number"
        case .text: "a text"
        case .bytes: "bytes"
        case .floats, .list: "a list"
        case .record: "an object"
        }
    }
}

/// A value with its name.
package struct Member: Sendable, Equatable {
    package var name: String
    package var value: Value

    package init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }
}

extension [Member] {
    package subscript(name: String) -> Value? { first { $0.name == name }?.value }
}
