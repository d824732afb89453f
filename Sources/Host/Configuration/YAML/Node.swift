/// A value of a YAML document together with the place it was written at.
///
/// Numbers stay text, so that nothing is lost between the file and the JSON that plugins get.
struct Node: Sendable {
    /// A line and a column, both counted from 1; columns count Unicode scalars.
    struct Place: Sendable, Equatable, Comparable {
        let line: Int
        let column: Int

        static func < (left: Place, right: Place) -> Bool { (left.line, left.column) < (right.line, right.column) }
    }

    /// A key of a mapping with its value.
    struct Entry: Sendable {
        let key: String
        let keyPlace: Place
        let value: Node
    }

    /// What a node holds. `integer` and `number` carry a valid JSON number.
    indirect enum Content: Sendable {
        case null
        case boolean(Bool)
        case integer(String)
        case number(String)
        case text(String)
        case sequence([Node])
        case mapping([Entry])
    }

    let content: Content
    let place: Place

    /// Whether the node is a sequence or a mapping.
    var isContainer: Bool {
        switch content {
        case .sequence, .mapping: true
        default: false
        }
    }

    /// What the node is, for the "found" part of a message; never the value itself.
    var typeDescription: String {
        switch content {
        case .null: "nothing"
        case .boolean: "a boolean"
        case .integer, .number: "a number"
        case .text: "text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// What the node is, with the value of a scalar: only for fields that cannot hold a secret.
    var valueDescription: String {
        switch content {
        case .boolean(let value): "the boolean \(value)"
        case .integer(let value), .number(let value): "the number \(value)"
        case .text(let value) where value.isEmpty: "empty text"
        case .text(let value): "\"\(value.count > 80 ? String(value.prefix(77)) + "..." : value)\""
        default: typeDescription
        }
    }
}
