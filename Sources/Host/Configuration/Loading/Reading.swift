/// Reads the fields of an object with the defaults of its schema, so that a default stands in one place.
struct Reading {
    let value: Located?
    let shape: ObjectShape

    init(_ value: Located?, _ shape: ObjectShape) {
        self.value = value
        self.shape = shape
    }

    /// Reads an object below a path of keys, with the shape that the schema gives it there.
    init(_ root: Located?, _ shape: Shape, _ keys: String...) {
        var value = root
        var current = shape
        for key in keys {
            value = value?[key]
            if case .object(let object) = current { current = object.field(key)?.shape ?? .anything }
        }
        self.value = value
        if case .object(let object) = current { self.shape = object } else { self.shape = ObjectShape([]) }
    }

    func text(_ name: String) -> String? { value?[name]?.text ?? shape.field(name)?.defaultValue }

    func boolean(_ name: String) -> Bool { value?[name]?.boolean ?? (shape.field(name)?.defaultValue == "true") }

    func integer(_ name: String) -> Int? {
        value?[name]?.integer ?? shape.field(name)?.defaultValue.flatMap { Int($0) }
    }

    func duration(_ name: String) -> Duration? { text(name).flatMap(DurationText.parse) }

    /// A value of a closed set; `nil` for one the schema has refused.
    func choice<Choice: RawRepresentable<String>>(_ name: String) -> Choice? { text(name).flatMap(Choice.init) }

    /// Whether the field says something else than its default, so that leaving it unheard would change behaviour.
    func differsFromDefault(_ name: String) -> Bool {
        guard let written = value?[name] else { return false }
        guard let standard = shape.field(name)?.defaultValue else { return true }
        switch written.node.content {
        case .text(let text):
            if case .duration? = shape.field(name)?.shape {
                return DurationText.parse(text) != DurationText.parse(standard)
            }
            return text != standard
        case .boolean(let value): return String(value) != standard
        case .integer(let digits), .number(let digits): return digits != standard
        default: return true
        }
    }
}
