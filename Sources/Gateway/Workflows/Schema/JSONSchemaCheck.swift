/// One check of a value against a schema.
struct JSONSchemaCheck {
    /// Deepest nesting of schemas, so that one that refers to itself ends.
    private static let maximumDepth = 64

    private(set) var violations: [JSONSchema.Violation] = []
    private let root: JSONSlice
    private let isReferenceAlone: Bool
    private var depth = 0

    init(root: JSONSlice) {
        self.root = root
        isReferenceAlone = JSONSchemaDialect.isReferenceAlone(in: root)
    }

    mutating func fail(_ path: String, _ message: String) {
        if violations.count < JSONSchema.maximumViolations {
            violations.append(JSONSchema.Violation(path: path, message: message))
        }
    }

    mutating func check(_ value: JSONSlice, _ schema: JSONSlice, at path: String) {
        if let allowed = schema.bool {
            if !allowed { fail(path, "expected nothing, found \(Self.name(value))") }
            return
        }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { return fail(path, "expected less nesting") }
        if isReferenceAlone, let reference = schema["$ref"] { return follow(reference, value, at: path) }
        for (keyword, rule) in schema.members where violations.count < JSONSchema.maximumViolations {
            switch keyword {
            case "type": checkType(value, rule, at: path)
            case "enum":
                if !rule.elements.contains(where: { JSONEquality.areEqual($0, value) }) {
                    fail(path, "expected one of \(Self.shown(rule))")
                }
            case "const": if !JSONEquality.areEqual(rule, value) { fail(path, "expected \(Self.shown(rule))") }
            case "$ref": follow(rule, value, at: path)
            case "allOf": for part in rule.elements { check(value, part, at: path) }
            case "anyOf", "oneOf": checkChoice(keyword, value, rule, at: path)
            case "not": if fits(value, rule) { fail(path, "expected a value that does not fit `not`") }
            case "if":
                if let branch = schema[fits(value, rule) ? "then" : "else"] { check(value, branch, at: path) }
            default:
                switch value.kind {
                case .string: checkText(keyword, value, rule, at: path)
                case .number: checkNumber(keyword, value, rule, at: path)
                case .array: checkList(keyword, value, rule, of: schema, at: path)
                case .object: checkObject(keyword, value, rule, of: schema, at: path)
                case .bool, .null: break
                }
            }
        }
    }

    // MARK: - Any value

    private mutating func checkType(_ value: JSONSlice, _ rule: JSONSlice, at path: String) {
        let names = rule.string.map { [$0] } ?? rule.elements.compactMap(\.string)
        guard !names.contains(where: { Self.isType(value, $0) }) else { return }
        fail(path, "expected \(names.joined(separator: " or ")), found \(Self.name(value))")
    }

    private static func isType(_ value: JSONSlice, _ name: String) -> Bool {
        switch (name, value.kind) {
        case ("string", .string), ("number", .number), ("boolean", .bool), ("array", .array), ("object", .object),
            ("null", .null):
            true
        // 1.0 is an integer (2020-12 Validation, section 6.1.1).
        case ("integer", .number):
            value.bytes.allSatisfy { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
                || value.double.map { $0.rounded() == $0 } ?? false
        default: false
        }
    }

    private static func name(_ value: JSONSlice) -> String {
        switch value.kind {
        case .string: "string"
        case .number: "number"
        case .bool: "boolean"
        case .array: "array"
        case .object: "object"
        case .null: "null"
        }
    }

    static func shown(_ json: JSONSlice) -> String {
        json.range.count <= 200 ? String(decoding: json.bytes, as: UTF8.self) : "the values of the schema"
    }

    private mutating func follow(_ reference: JSONSlice, _ value: JSONSlice, at path: String) {
        guard let text = reference.string, text.hasPrefix("#") else {
            return fail(path, "the schema refers to what is outside of it, which is not fetched")
        }
        var target: JSONSlice? = root
        for part in text.dropFirst().split(separator: "/") {
            let name = String(part).replacing("~1", with: "/").replacing("~0", with: "~")
            target =
                Int(name).flatMap { index in
                    guard let elements = target?.elements, elements.indices.contains(index) else { return nil }
                    return elements[index]
                } ?? target?[name]
        }
        guard let target else { return fail(path, "the schema refers to what it does not have") }
        check(value, target, at: path)
    }

    private mutating func checkChoice(_ keyword: String, _ value: JSONSlice, _ rule: JSONSlice, at path: String) {
        let count = rule.elements.count { fits(value, $0) }
        if count == 0 {
            fail(path, "expected a value that fits one of the schemas of `\(keyword)`, found none that does")
        }
        if keyword == "oneOf", count > 1 { fail(path, "expected a value that fits exactly one schema of `oneOf`") }
    }

    func fits(_ value: JSONSlice, _ schema: JSONSlice) -> Bool {
        var check = JSONSchemaCheck(root: root)
        check.depth = depth
        check.check(value, schema, at: "")
        return check.violations.isEmpty
    }
}
