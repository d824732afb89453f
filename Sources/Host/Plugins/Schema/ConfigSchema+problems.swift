import Gateway

extension ConfigSchema {
    /// All that is wrong with a value, each with its place, such as "spec.port: expected at most 65535, found 70000".
    /// - Parameter name: What the value is called.
    func problems(of value: JSONSlice, name: String = "spec") -> [String] {
        var check = SchemaCheck(schema: self)
        check.check(value, root, name, 0)
        return check.problems
    }
}

/// One check of one value.
private struct SchemaCheck {
    let schema: ConfigSchema
    var problems: [String] = []

    init(schema: ConfigSchema) { self.schema = schema }

    private mutating func expect(_ expected: String, at place: String, found: JSONSlice) {
        // Values may be secrets where they should not be: only short plain ones are shown.
        let shown: String
        switch found.kind {
        case .number, .bool, .null: shown = String(decoding: found.bytes, as: UTF8.self)
        case .string: shown = "a text of \(found.string?.unicodeScalars.count ?? 0) characters"
        case .object: shown = "an object"
        case .array: shown = "a list of \(found.elements.count)"
        }
        problems.append("\(place): expected \(expected), found \(shown)")
    }

    private func accepts(_ value: JSONSlice, _ part: JSONSlice, _ depth: Int) -> Bool {
        var trial = SchemaCheck(schema: schema)
        trial.check(value, part, "", depth + 1)
        return trial.problems.isEmpty
    }

    mutating func check(_ value: JSONSlice, _ part: JSONSlice, _ place: String, _ depth: Int) {
        // A reference to itself through nothing but references would never end.
        guard depth < 128 else {
            problems.append("\(place): the schema refers to itself without end")
            return
        }
        if part.bool == true { return }
        guard part.kind == .object else {
            problems.append("\(place): not allowed here")
            return
        }
        if let reference = part["$ref"]?.string, let target = schema.target(of: reference) {
            check(value, target, place, depth + 1)
        }
        if let types = part["type"] {
            let names = types.kind == .array ? types.elements.compactMap(\.string) : [types.string ?? ""]
            guard names.contains(where: { Self.matches(value, $0) }) else {
                return expect(names.joined(separator: " or "), at: place, found: value)
            }
        }
        checkChoice(value, part, place)
        checkCombination(value, part, place, depth)
        switch value.kind {
        case .object: checkObject(value, part, place, depth)
        case .array: checkArray(value, part, place, depth)
        case .string: checkText(value, part, place)
        case .number: checkNumber(value, part, place)
        case .bool, .null: break
        }
    }

    private mutating func checkChoice(_ value: JSONSlice, _ part: JSONSlice, _ place: String) {
        if let choices = part["enum"], !choices.elements.contains(where: { Self.equal($0, value) }) {
            let all = choices.elements.map { String(decoding: $0.bytes, as: UTF8.self) }
            expect("one of \(all.joined(separator: ", "))", at: place, found: value)
        }
        if let constant = part["const"], !Self.equal(constant, value) {
            expect(String(decoding: constant.bytes, as: UTF8.self), at: place, found: value)
        }
    }

    private mutating func checkCombination(_ value: JSONSlice, _ part: JSONSlice, _ place: String, _ depth: Int) {
        for sub in part["allOf"]?.elements ?? [] { check(value, sub, place, depth + 1) }
        if let any = part["anyOf"]?.elements, !any.contains(where: { accepts(value, $0, depth) }) {
            expect("one of \(any.count) forms", at: place, found: value)
        }
        if let one = part["oneOf"]?.elements {
            let fitting = one.count { accepts(value, $0, depth) }
            if fitting != 1 { expect("exactly one of \(one.count) forms (\(fitting) fit)", at: place, found: value) }
        }
        if let not = part["not"], accepts(value, not, depth) {
            expect("something that the schema does not exclude", at: place, found: value)
        }
        if let condition = part["if"] {
            if let next = part[accepts(value, condition, depth) ? "then" : "else"] {
                check(value, next, place, depth + 1)
            }
        }
    }

    private mutating func checkObject(_ value: JSONSlice, _ part: JSONSlice, _ place: String, _ depth: Int) {
        let members = value.members
        let keys = Set(members.map(\.key))
        for name in part["required"]?.elements.compactMap(\.string) ?? [] where !keys.contains(name) {
            problems.append("\(place).\(name): missing")
        }
        count(keys.count, "members", part["minProperties"], part["maxProperties"], place)
        let properties = part["properties"]
        let patterns = part["patternProperties"]?.members ?? []
        let others = part["additionalProperties"]
        for (key, member) in members {
            let here = "\(place).\(key)"
            var isKnown = false
            if let sub = properties?[key] {
                isKnown = true
                check(member, sub, here, depth + 1)
            }
            for (pattern, sub) in patterns where Self.matches(key, pattern: pattern) {
                isKnown = true
                check(member, sub, here, depth + 1)
            }
            guard !isKnown, let others else { continue }
            if others.bool == false {
                let known = (properties?.members.map(\.key) ?? []).sorted().joined(separator: ", ")
                problems.append("\(here): unknown field; known are \(known.isEmpty ? "none" : known)")
            } else {
                check(member, others, here, depth + 1)
            }
        }
    }

    private mutating func checkArray(_ value: JSONSlice, _ part: JSONSlice, _ place: String, _ depth: Int) {
        let elements = value.elements
        count(elements.count, "entries", part["minItems"], part["maxItems"], place)
        if let items = part["items"] {
            for (index, element) in elements.enumerated() { check(element, items, "\(place)[\(index)]", depth + 1) }
        }
        if part["uniqueItems"]?.bool == true {
            let repeated = elements.indices.first { index in
                elements[..<index].contains { Self.equal($0, elements[index]) }
            }
            if let repeated { problems.append("\(place)[\(repeated)]: is there twice") }
        }
    }

    private mutating func checkText(_ value: JSONSlice, _ part: JSONSlice, _ place: String) {
        guard let text = value.string else { return }
        count(text.unicodeScalars.count, "characters", part["minLength"], part["maxLength"], place)
        if let pattern = part["pattern"]?.string, !Self.matches(text, pattern: pattern) {
            expect("a text that matches \(pattern)", at: place, found: value)
        }
    }

    private mutating func checkNumber(_ value: JSONSlice, _ part: JSONSlice, _ place: String) {
        guard let number = value.double else { return }
        let rules: [(String, String, (Double) -> Bool)] = [
            ("minimum", "at least", { number >= $0 }), ("maximum", "at most", { number <= $0 }),
            ("exclusiveMinimum", "more than", { number > $0 }), ("exclusiveMaximum", "less than", { number < $0 }),
            ("multipleOf", "a multiple of", { (number / $0).rounded() == number / $0 }),
        ]
        for (key, words, fits) in rules {
            guard let bound = part[key], let limit = bound.double, !fits(limit) else { continue }
            expect("\(words) \(String(decoding: bound.bytes, as: UTF8.self))", at: place, found: value)
        }
    }

    private mutating func count(_ count: Int, _ what: String, _ low: JSONSlice?, _ high: JSONSlice?, _ place: String) {
        if let low = low?.integer, count < low {
            problems.append("\(place): expected at least \(low) \(what), found \(count)")
        }
        if let high = high?.integer, count > high {
            problems.append("\(place): expected at most \(high) \(what), found \(count)")
        }
    }

    private static func matches(_ text: String, pattern: String) -> Bool {
        do {
            // Compiled anew: `Regex` is not Sendable, and configurations are checked once.
            return try Regex(pattern).firstMatch(in: text) != nil
        } catch {
            return false
        }
    }

    private static func matches(_ value: JSONSlice, _ type: String) -> Bool {
        switch type {
        case "null": value.kind == .null
        case "boolean": value.kind == .bool
        case "object": value.kind == .object
        case "array": value.kind == .array
        case "string": value.kind == .string
        case "number": value.kind == .number
        // 1.0 is an integer (draft 2020-12, section 6.1.1).
        case "integer": value.double.map { $0.rounded() == $0 } ?? false
        default: false
        }
    }

    /// Equality of JSON values: the order of members and the writing of numbers and texts do not count.
    private static func equal(_ one: JSONSlice, _ other: JSONSlice) -> Bool {
        guard one.kind == other.kind else { return false }
        switch one.kind {
        case .null: return true
        case .bool: return one.bool == other.bool
        case .number: return one.double == other.double
        case .string: return one.string == other.string
        case .array:
            let (left, right) = (one.elements, other.elements)
            return left.count == right.count && zip(left, right).allSatisfy(equal)
        case .object:
            let (left, right) = (one.members, other.members)
            return left.count == right.count
                && left.allSatisfy { member in other[member.key].map { equal(member.value, $0) } ?? false }
        }
    }
}
