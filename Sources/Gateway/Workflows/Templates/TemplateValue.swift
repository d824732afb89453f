/// What templates compute with: JSON, and the absence of a value.
///
/// Objects and arrays of JSON stay the bytes they came as until something is read from them.
package indirect enum TemplateValue: Sendable {
    /// What is not there, with the field that was asked for, such as `.params.city`.
    case missing(String)
    case null
    case bool(Bool)
    case number(TemplateNumber)
    case string(String)
    case list([TemplateValue])
    case map([String: TemplateValue])
    /// An object or an array.
    case json(JSONSlice)

    package init(_ slice: JSONSlice) {
        switch slice.kind {
        case .null: self = .null
        case .bool: self = .bool(slice.bool == true)
        case .number: self = .number(TemplateNumber(text: String(decoding: slice.bytes, as: UTF8.self)))
        case .string: self = .string(slice.string ?? "")
        case .object, .array: self = .json(slice)
        }
    }

    package static func integer(_ value: Int) -> TemplateValue { .number(TemplateNumber(value)) }

    /// What it is, for errors.
    var kind: String {
        switch self {
        case .missing: "nothing"
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "text"
        case .list: "a list"
        case .map: "an object"
        case .json(let slice): slice.kind == .array ? "a list" : "an object"
        }
    }

    var isMissing: Bool { if case .missing = self { true } else { false } }

    /// As Go's templates have it: false, 0, nothing, and empty text, lists and objects are false.
    package var isTrue: Bool {
        switch self {
        case .missing, .null: false
        case .bool(let value): value
        case .number(let number): !number.isZero
        case .string(let text): !text.isEmpty
        case .list(let items): !items.isEmpty
        case .map(let members): !members.isEmpty
        case .json(let slice): !slice.isEmptyContainer
        }
    }

    /// The elements of a list; `nil` for anything else.
    package var elements: [TemplateValue]? {
        switch self {
        case .list(let items): items
        case .json(let slice) where slice.kind == .array: slice.elements.map(TemplateValue.init)
        default: nil
        }
    }

    /// The members of an object by the bytes of their keys; `nil` for anything else. The last of equal keys counts.
    var members: [(key: String, value: TemplateValue)]? {
        let found: [String: TemplateValue]
        switch self {
        case .map(let members): found = members
        case .json(let slice) where slice.kind == .object:
            found = Dictionary(slice.members.map { ($0.key, TemplateValue($0.value)) }) { $1 }
        default: return nil
        }
        return found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
    }

    var isObject: Bool {
        switch self {
        case .map: true
        case .json(let slice): slice.kind == .object
        default: false
        }
    }

    /// The member of an object; `nil` when it has none of the name, or is no object.
    package func member(_ name: String) -> TemplateValue? {
        switch self {
        case .map(let members): members[name]
        case .json(let slice): slice[name].map(TemplateValue.init)
        default: nil
        }
    }

    /// Roughly how many bytes a look at it has to pass.
    var size: Int {
        switch self {
        case .json(let slice): slice.range.count
        case .string(let text): text.utf8.count
        case .number(let number): number.text.utf8.count
        case .list(let items): items.count
        case .map(let members): members.count
        default: 1
        }
    }
}

extension JSONSlice {
    /// Bytes of space before the first thing in an object or an array.
    var leadingSpace: Int {
        let inner = base[(range.lowerBound + 1)..<(range.upperBound - 1)]
        return inner.prefix { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }.count
    }

    /// Whether it is an object or an array with nothing in it.
    fileprivate var isEmptyContainer: Bool { leadingSpace == range.count - 2 }
}
