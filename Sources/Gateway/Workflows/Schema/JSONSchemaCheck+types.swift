// The keywords of one type of value.
extension JSONSchemaCheck {
    /// Longest text that is matched against a `pattern`, in bytes: matching can take long.
    private static let longestMatched = 10_000

    mutating func checkText(_ keyword: String, _ value: JSONSlice, _ rule: JSONSlice, at path: String) {
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

    mutating func checkNumber(_ keyword: String, _ value: JSONSlice, _ rule: JSONSlice, at path: String) {
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

    mutating func checkList(
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

    mutating func checkObject(
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
