/// What a value must be, as data: the validator, the reader of defaults and the search for references all read it.
indirect enum Shape: Sendable {
    case text(TextRule)
    case integer(ClosedRange<Int>)
    case boolean
    case duration
    case list(of: Shape, ListRule)
    case map(of: Shape, MapRule)
    case object(ObjectShape)
    /// Any object; its keys are not looked at.
    case freeObject
    case anything

    /// Text without a constraint.
    static let text = Shape.text(TextRule())
    /// Text that may hold a secret, so that messages never show it.
    static let secretText = Shape.text(TextRule(isSecret: true))
    static let texts = Shape.list(of: .text, ListRule())
    static let textMap = Shape.map(of: .text, MapRule())
    static let secretTextMap = Shape.map(of: .secretText, MapRule())
    static let int32 = Shape.integer(Int(Int32.min)...Int(Int32.max))
    static let nonNegative = Shape.integer(0...Int(Int32.max))
    static let positive = Shape.integer(1...Int(Int32.max))
    static let port = Shape.integer(1...65535)

    static func text(
        _ pattern: String? = nil, length: ClosedRange<Int> = 0...Int.max, hint: String? = nil
    ) -> Shape {
        .text(TextRule(pattern: pattern, length: length, hint: hint))
    }

    static func oneOf(_ values: String...) -> Shape { .text(TextRule(allowed: values)) }

    static func list(_ item: Shape, count: ClosedRange<Int> = 0...Int.max, uniqueBy key: String? = nil) -> Shape {
        .list(of: item, ListRule(count: count, uniqueBy: key))
    }

    /// A list of texts in which no text may stand twice.
    static let textSet = Shape.list(of: .text, ListRule(isSet: true))

    static func object(_ fields: Field...) -> Shape { .object(ObjectShape(fields)) }

    static func map(_ value: Shape, limit: Int = Int.max) -> Shape { .map(of: value, MapRule(limit: limit)) }
}

/// The constraints of a text.
struct TextRule: Sendable {
    /// The values allowed; empty allows all.
    var allowed: [String] = []
    /// A regular expression that the text must match; it carries its own anchors.
    var pattern: String?
    /// Counted in Unicode scalars.
    var length: ClosedRange<Int> = 0...Int.max
    /// What the pattern means, in words.
    var hint: String?
    var isSecret = false
    /// Whether a number may be written without quotes: the text is one only because Kubernetes has no fractions.
    var takesNumbers = false
}

/// The constraints of a list.
struct ListRule: Sendable {
    var count: ClosedRange<Int> = 0...Int.max
    /// The field of the items that must differ from item to item ("map-list by").
    var uniqueBy: String?
    /// Whether the items themselves must differ.
    var isSet = false
}

/// The constraints of a mapping with free keys.
struct MapRule: Sendable {
    /// The most entries.
    var limit = Int.max
}

/// A field of an object.
struct Field: Sendable {
    let name: String
    let shape: Shape
    let isRequired: Bool
    /// The value that stands for an absent field, as the scalar would be written.
    let defaultValue: String?

    static func required(_ name: String, _ shape: Shape) -> Field {
        Field(name: name, shape: shape, isRequired: true, defaultValue: nil)
    }

    /// A field that may be absent; with a default, absent means that value.
    static func optional(_ name: String, _ shape: Shape, default value: String? = nil) -> Field {
        Field(name: name, shape: shape, isRequired: false, defaultValue: value)
    }
}

/// An object with known fields; any other key is an error.
struct ObjectShape: Sendable {
    /// Looks at several fields together; runs after each field was looked at alone.
    typealias Rule = @Sendable (Located, Validation) -> Void

    let fields: [Field]
    /// What the object names, if it is a reference.
    var reference: Reference.Target?
    var rules: [Rule]

    init(_ fields: [Field], reference: Reference.Target? = nil, rules: [Rule] = []) {
        self.fields = fields
        self.reference = reference
        self.rules = rules
    }

    func field(_ name: String) -> Field? { fields.first { $0.name == name } }

    /// The same object with more fields and rules.
    func adding(_ more: [Field], rules moreRules: [Rule] = []) -> ObjectShape {
        ObjectShape(fields + more, reference: reference, rules: rules + moreRules)
    }
}
