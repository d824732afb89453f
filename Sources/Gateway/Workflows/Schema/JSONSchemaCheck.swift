/// One check of a value against a schema.
struct JSONSchemaCheck {
    /// Deepest nesting of schemas, so that one that refers to itself ends.
    private static let maximumDepth = 64
    /// Longest text that is matched against a `pattern`, in bytes: matching can take long.
    private static let longestMatched = 10_000

    private(set) var violations: [JSONSchema.Violation] = []
    private let root: JSONSlice
    private var depth = 0

    init(root: JSONSlice) { self.root = root }

    private mutating func fail(_ path: String, _ message: String) {
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

    private static func shown(_ json: JSONSlice) -> String {
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

    private func fits(_ value: JSONSlice, _ schema: JSONSlice) -> Bool {
        var check = JSONSchemaCheck(root: root)
        check.depth = depth
        check.check(value, schema, at: "")
        return check.violations.isEmpty
    }

    // MARK: - By type

    private mutating func checkText(_ keyword: String, _ value: JSONSlice, _ rule: JSONSlice, at path: String) {
        guard ["minLength", "maxLength", "pattern"].contains(keyword), let text = value.string else { return }
        let length = text.unicodeScalars.count
        switch keyword {
        case "minLength": limit(length >= rule.integer ?? 0, "at least", rule, "characters", length, at: path)
        case "maxLength": limit(length <= rule.integer ?? .max, "at most", rule, "characters", length, at: path)
        default:
            guard text.utf8.count <= Self.longestMatched else {
                return fail(path, "expected at most \(Self.longestMatched) bytes, found more")
            }
            do {
                if try Regex(rule.string ?? "").firstMatch(in: text) == nil {
                    fail(path, "expected text that matches \(Self.shown(rule))")
                }
            } catch {
                fail(path, "the schema's pattern \(Self.shown(rule)) cannot be read")
            }
        }
    }

    private mutating func checkNumber(_ keyword: String, _ value: JSONSlice, _ rule: JSONSlice, at path: String) {
        guard rule.kind == .number else { return }
        let (found, bound) = (Self.number(value), Self.number(rule))
        let order = found.compared(to: bound)
        switch keyword {
        case "minimum": if order < 0 { fail(path, "expected at least \(bound.text)") }
        case "maximum": if order > 0 { fail(path, "expected at most \(bound.text)") }
        case "exclusiveMinimum": if order <= 0 { fail(path, "expected more than \(bound.text)") }
        case "exclusiveMaximum": if order >= 0 { fail(path, "expected less than \(bound.text)") }
        case "multipleOf":
            let ratio = found.double / bound.double
            if (ratio - ratio.rounded()).magnitude > 1e-9 { fail(path, "expected a multiple of \(bound.text)") }
        default: break
        }
    }

    private static func number(_ slice: JSONSlice) -> TemplateNumber {
        TemplateNumber(text: String(decoding: slice.bytes, as: UTF8.self))
    }

    private mutating func checkList(
        _ keyword: String, _ value: JSONSlice, _ rule: JSONSlice, of schema: JSONSlice, at path: String
    ) {
        guard ["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"].contains(keyword) else {
            return
        }
        let elements = value.elements
        switch keyword {
        case "items":
            let first = schema["prefixItems"]?.elements.count ?? 0
            for (index, element) in elements.enumerated().dropFirst(first) {
                check(element, rule, at: "\(path)[\(index)]")
            }
        case "prefixItems":
            for (index, (element, part)) in zip(elements, rule.elements).enumerated() {
                check(element, part, at: "\(path)[\(index)]")
            }
        case "minItems": limit(elements.count >= rule.integer ?? 0, "at least", rule, "items", elements.count, at: path)
        case "maxItems":
            limit(elements.count <= rule.integer ?? .max, "at most", rule, "items", elements.count, at: path)
        case "contains":
            if !elements.contains(where: { fits($0, rule) }) { fail(path, "expected an item that fits `contains`") }
        default:
            guard rule.bool == true, elements.count <= 1000 else { return }
            for (index, element) in elements.enumerated()
            where elements[..<index].contains(where: { JSONEquality.areEqual($0, element) }) {
                return fail("\(path)[\(index)]", "expected each item once, found one again")
            }
        }
    }

    private mutating func checkObject(
        _ keyword: String, _ value: JSONSlice, _ rule: JSONSlice, of schema: JSONSlice, at path: String
    ) {
        switch keyword {
        case "required":
            for name in rule.elements.compactMap(\.string) where value[name] == nil {
                fail(Self.path(path, name), "expected a value, found none; it is required")
            }
        case "properties":
            for (name, property) in rule.members {
                if let member = value[name] { check(member, property, at: Self.path(path, name)) }
            }
        case "additionalProperties":
            let known = Set((schema["properties"]?.members ?? []).map(\.key))
            let patterns = (schema["patternProperties"]?.members ?? []).map(\.key)
            for (name, member) in value.members
            where !known.contains(name) && !patterns.contains(where: { Self.matches(name, $0) }) {
                if rule.bool == false {
                    fail(
                        Self.path(path, name),
                        "expected no such member; there are \(known.sorted().joined(separator: ", "))")
                } else {
                    check(member, rule, at: Self.path(path, name))
                }
            }
        case "patternProperties":
            for (pattern, property) in rule.members {
                for (name, member) in value.members where Self.matches(name, pattern) {
                    check(member, property, at: Self.path(path, name))
                }
            }
        case "minProperties":
            limit(value.members.count >= rule.integer ?? 0, "at least", rule, "members", value.members.count, at: path)
        case "maxProperties":
            limit(
                value.members.count <= rule.integer ?? .max, "at most", rule, "members", value.members.count, at: path)
        default: break
        }
    }

    private static func matches(_ name: String, _ pattern: String) -> Bool {
        // A pattern that cannot be read was refused with the configuration; here it matches nothing.
        do { return try Regex(pattern).firstMatch(in: name) != nil } catch { return false }
    }

    private mutating func limit(
        _ holds: Bool, _ bound: String, _ rule: JSONSlice, _ unit: String, _ found: Int, at path: String
    ) {
        if !holds {
            fail(path, "expected \(bound) \(String(decoding: rule.bytes, as: UTF8.self)) \(unit), found \(found)")
        }
    }

    private static func path(_ path: String, _ name: String) -> String {
        let shown = name.utf8.count <= 100 ? name : "\(name.prefix(100))…"
        return path.isEmpty ? shown : "\(path).\(shown)"
    }
}
