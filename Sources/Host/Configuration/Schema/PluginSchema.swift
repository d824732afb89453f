/// Checks `spec` of a plugin's resource against the JSON Schema (2020-12) that the plugin declares.
///
/// The keywords that describe configuration are followed; `$ref` within the schema, too. Others are left to the
/// plugin, which sees the same document.
struct PluginSchema {
    private let root: Located
    private let validation: Validation
    /// References followed on the way to one value; more are a schema that runs in circles.
    private static let referenceLimit = 32

    init(root: Located, validation: Validation) {
        self.root = root
        self.validation = validation
    }

    /// Reports everything in the value that the schema does not permit.
    func check(_ value: Located) { check(value, root, depth: 0, report: validation.log) }

    private func check(_ value: Located, _ schema: Located, depth: Int, report log: DiagnosticLog) {
        if schema.boolean == false {
            log.error(at: value, "expected nothing here, found \(value.node.typeDescription)")
        }
        if let reference = schema["$ref"]?.text, depth < Self.referenceLimit, let target = resolve(reference) {
            check(value, target, depth: depth + 1, report: log)
        }
        checkType(value, schema, log)
        checkValue(value, schema, log)
        checkObject(value, schema, depth, log)
        checkList(value, schema, depth, log)
        for part in schema["allOf"]?.items ?? [] { check(value, part, depth: depth + 1, report: log) }
        checkAlternatives(value, schema, depth, log)
    }

    private func checkType(_ value: Located, _ schema: Located, _ log: DiagnosticLog) {
        guard let type = schema["type"] else { return }
        let types = type.text.map { [$0] } ?? type.texts
        if !types.isEmpty, !types.contains(where: { JSONSchemaForm.isType(value.node, $0) }) {
            log.error(at: value, "expected \(types.joined(separator: " or ")), found \(value.node.typeDescription)")
        }
    }

    private func checkValue(_ value: Located, _ schema: Located, _ log: DiagnosticLog) {
        if let allowed = schema["enum"], !allowed.items.contains(where: { $0.node.json == value.node.json }) {
            let list = allowed.items.map { String(decoding: $0.node.json, as: UTF8.self) }.joined(separator: ", ")
            log.error(at: value, "expected one of \(list), found \(value.node.typeDescription) of another value")
        }
        if let constant = schema["const"], constant.node.json != value.node.json {
            log.error(at: value, "expected \(String(decoding: constant.node.json, as: UTF8.self)), found another value")
        }
        if let text = value.text {
            checkCount(value, text.unicodeScalars.count, schema, "Length", "characters", log)
            if let pattern = schema["pattern"]?.text, Pattern.isValid(pattern), !Pattern.matches(text, pattern) {
                log.error(at: value, "expected text matching `\(pattern)`, found text that does not")
            }
        }
        guard let number = Self.number(value) else { return }
        let limits: [(String, String, (Double, Double) -> Bool)] = [
            ("minimum", "at least", { $0 >= $1 }), ("maximum", "at most", { $0 <= $1 }),
            ("exclusiveMinimum", "more than", { $0 > $1 }), ("exclusiveMaximum", "less than", { $0 < $1 }),
        ]
        for (keyword, words, holds) in limits {
            guard let limit = schema[keyword], let bound = Self.number(limit), !holds(number, bound) else { continue }
            log.error(
                at: value,
                "expected \(words) \(String(decoding: limit.node.json, as: UTF8.self)), found \(value.node.valueDescription)"
            )
        }
    }

    private func checkObject(_ value: Located, _ schema: Located, _ depth: Int, _ log: DiagnosticLog) {
        guard case .mapping(let entries) = value.node.content else { return }
        checkCount(value, entries.count, schema, "Properties", "fields", log)
        let properties = schema["properties"]
        for name in schema["required"]?.texts ?? [] where !entries.contains(where: { $0.key == name }) {
            log.error(at: value, field: name, "expected a value, found nothing; the field is required")
        }
        for (key, child) in value.entries {
            let patterns = (schema["patternProperties"]?.entries ?? []).filter { Pattern.matches(key, $0.key) }
            for (_, part) in patterns { check(child, part, depth: depth + 1, report: log) }
            if let part = properties?[key] {
                check(child, part, depth: depth + 1, report: log)
            } else if let rest = schema["additionalProperties"], patterns.isEmpty {
                if rest.boolean == false {
                    let known = (properties?.entries ?? []).map(\.key)
                    log.error(
                        at: child,
                        "expected a known field, found `\(key)`" + Suggestion.sentence(for: key, among: known))
                } else {
                    check(child, rest, depth: depth + 1, report: log)
                }
            }
        }
    }

    private func checkList(_ value: Located, _ schema: Located, _ depth: Int, _ log: DiagnosticLog) {
        guard case .sequence(let nodes) = value.node.content else { return }
        checkCount(value, nodes.count, schema, "Items", "items", log)
        if let part = schema["items"] {
            for item in value.items { check(item, part, depth: depth + 1, report: log) }
        }
        guard schema["uniqueItems"]?.boolean == true else { return }
        var seen = Set<[UInt8]>()
        for item in value.items where !seen.insert(item.node.json).inserted {
            log.error(at: item, "expected each item once, found one again; remove it")
        }
    }

    private func checkAlternatives(_ value: Located, _ schema: Located, _ depth: Int, _ log: DiagnosticLog) {
        for (keyword, words) in [("anyOf", "at least one"), ("oneOf", "exactly one")] {
            guard let alternatives = schema[keyword]?.items, !alternatives.isEmpty else { continue }
            let logs = alternatives.map { part in
                let log = DiagnosticLog()
                check(value, part, depth: depth + 1, report: log)
                return log
            }
            let matching = logs.filter { !$0.hasErrors }.count
            if matching == 0 || (keyword == "oneOf" && matching > 1) {
                let reasons = logs.compactMap(\.sorted.first?.message).joined(separator: "; or: ")
                log.error(
                    at: value,
                    "expected \(words) of \(alternatives.count) forms, found \(matching)"
                        + (matching == 0 ? ": \(reasons)" : ""))
            }
        }
    }

    private func checkCount(
        _ value: Located, _ count: Int, _ schema: Located, _ suffix: String, _ unit: String, _ log: DiagnosticLog
    ) {
        if let least = schema["min\(suffix)"]?.integer, count < least {
            log.error(at: value, "expected at least \(least) \(unit), found \(count)")
        }
        if let most = schema["max\(suffix)"]?.integer, count > most {
            log.error(at: value, "expected at most \(most) \(unit), found \(count)")
        }
    }

    private func resolve(_ reference: String) -> Located? {
        guard reference.hasPrefix("#") else { return nil }
        return reference.dropFirst().split(separator: "/").reduce(Optional(root)) { value, part in
            value?[String(part).replacing("~1", with: "/").replacing("~0", with: "~")]
        }
    }

    private static func number(_ value: Located) -> Double? {
        switch value.node.content {
        case .integer(let digits), .number(let digits): Double(digits)
        default: nil
        }
    }
}
