/// One run of the validator: what it may decide by, and what it gathers.
final class Validation {
    let log: DiagnosticLog
    let sources: ConfigurationSources
    /// The references met, to be followed when all files are read.
    var references: [Reference] = []
    /// The namespace of the resource under validation; `nil` inside a vMCP document, which has none.
    var namespace: String?

    init(log: DiagnosticLog, sources: ConfigurationSources) {
        self.log = log
        self.sources = sources
    }

    /// Checks a value against a shape, rules included.
    func check(_ value: Located, _ shape: Shape) {
        switch shape {
        case .text(let rule): checkText(value, rule)
        case .integer(let range): checkInteger(value, range)
        case .boolean:
            if value.boolean == nil { mismatch(value, "true or false") }
        case .duration: checkDuration(value)
        case .list(let item, let rule): checkList(value, item, rule)
        case .map(let item, let rule): checkMap(value, item, rule)
        case .object(let object): checkObject(value, object)
        case .freeObject:
            if case .mapping = value.node.content { return }
            mismatch(value, "a mapping")
        case .anything: break
        }
    }

    private func mismatch(_ value: Located, _ expected: String, isSecret: Bool = false) {
        let found = isSecret || value.node.isContainer ? value.node.typeDescription : value.node.valueDescription
        log.error(at: value, "expected \(expected), found \(found)")
    }

    private func checkText(_ value: Located, _ rule: TextRule) {
        guard let text = rule.takesNumbers ? value.numeral : value.text else {
            let found = rule.isSecret ? value.node.typeDescription : value.node.valueDescription
            let advice = value.node.isContainer || value.isNull ? "" : "; put it in quotes"
            log.error(
                at: value,
                "expected text, found \(value.node.isContainer ? value.node.typeDescription : found)\(advice)")
            return
        }
        if !rule.allowed.isEmpty, !rule.allowed.contains(text) {
            let list = rule.allowed.map { $0.isEmpty ? "empty text" : $0 }.joined(separator: ", ")
            log.error(
                at: value,
                "expected one of \(list), found \(value.node.valueDescription)"
                    + Suggestion.sentence(for: text, among: rule.allowed))
        }
        let length = text.unicodeScalars.count
        if !rule.length.contains(length) {
            log.error(at: value, "expected \(Self.count(rule.length, "character")), found \(length)")
        } else if let pattern = rule.pattern, !Pattern.matches(text, pattern) {
            let expected = rule.hint ?? "text matching `\(pattern)`"
            log.error(
                at: value,
                "expected \(expected), found \(rule.isSecret ? "text that does not match" : value.node.valueDescription)"
            )
        }
    }

    private func checkInteger(_ value: Located, _ range: ClosedRange<Int>) {
        guard case .integer(let digits) = value.node.content else {
            let advice = value.text.map { Int($0) != nil ? "; remove the quotes" : "" } ?? ""
            log.error(at: value, "expected an integer, found \(value.node.valueDescription)\(advice)")
            return
        }
        guard let number = Int(digits), range.contains(number) else {
            log.error(at: value, "expected an integer \(Self.span(range)), found \(digits)")
            return
        }
    }

    private func checkDuration(_ value: Located) {
        guard let text = value.text else {
            let advice: String
            switch value.node.content {
            case .integer(let digits), .number(let digits): advice = "; add a unit, such as \(digits)s"
            default: advice = ""
            }
            log.error(
                at: value, "expected a duration such as 30s or 1m30s, found \(value.node.valueDescription)\(advice)")
            return
        }
        if DurationText.parse(text) == nil {
            let advice = text.hasPrefix("-") ? "; a duration cannot be negative" : "; units are ns, us, ms, s, m, h"
            log.error(
                at: value, "expected a duration such as 30s or 1m30s, found \(value.node.valueDescription)\(advice)")
        }
    }

    private func checkList(_ value: Located, _ item: Shape, _ rule: ListRule) {
        guard case .sequence(let nodes) = value.node.content else { return mismatch(value, "a list", isSecret: true) }
        if !rule.count.contains(nodes.count) {
            log.error(at: value, "expected \(Self.count(rule.count, "item")), found \(nodes.count)")
        }
        var seen: [String: Node.Place] = [:]
        for element in value.items {
            check(element, item)
            let named = rule.isSet ? element : rule.uniqueBy.flatMap { element[$0] }
            guard let named, let text = named.text else { continue }
            if let first = seen[text] {
                log.error(at: named, "expected each value once, found \"\(text)\" again (first at line \(first.line))")
            } else {
                seen[text] = named.place
            }
        }
    }

    private func checkMap(_ value: Located, _ item: Shape, _ rule: MapRule) {
        guard case .mapping(let entries) = value.node.content else {
            return mismatch(value, "a mapping", isSecret: true)
        }
        if entries.count > rule.limit {
            log.error(at: value, "expected at most \(rule.limit) entries, found \(entries.count)")
        }
        for (_, child) in value.entries { check(child, item) }
    }

    private func checkObject(_ value: Located, _ object: ObjectShape) {
        guard case .mapping = value.node.content else { return mismatch(value, "a mapping", isSecret: true) }
        for (key, child) in value.entries {
            guard let field = object.field(key) else {
                unknownField(key, child, among: object.fields.map(\.name))
                continue
            }
            // A null field is an absent one, as in Kubernetes.
            if !child.isNull { check(child, field.shape) }
        }
        for field in object.fields where field.isRequired && value[field.name] == nil {
            log.error(at: value, field: field.name, "expected a value, found nothing; the field is required")
        }
        if let target = object.reference { note(value, target) }
        for rule in object.rules { rule(value, self) }
    }

    /// The API server keeps unknown fields of `spec.config`, so that they cannot be errors for a cluster.
    private func unknownField(_ key: String, _ child: Located, among known: [String]) {
        let place = Located(
            file: child.file, path: child.path,
            node: Node(content: child.node.content, place: child.keyPlace ?? child.node.place), keyPlace: child.keyPlace
        )
        let message =
            "expected a known field, found `\(key)`"
            + (Suggestion.closest(to: key, among: known).map { "; did you mean `\($0)`?" }
                ?? (known.count <= 12 ? "; known here: \(known.sorted().joined(separator: ", "))" : "; remove it"))
        if sources.target == .cluster, child.path.hasPrefix("spec.config.") {
            log.warning(at: place, message)
        } else {
            log.error(at: place, message)
        }
    }

    private func note(_ value: Located, _ target: Reference.Target) {
        guard let namespace, let name = value["name"]?.text, !name.isEmpty else { return }
        references.append(Reference(target: target, namespace: namespace, name: name, value: value))
    }

    private static func count(_ range: ClosedRange<Int>, _ unit: String) -> String {
        let plural = range.lowerBound == 1 && range.upperBound == 1 ? unit : "\(unit)s"
        if range.upperBound == Int.max {
            return "at least \(range.lowerBound) \(range.lowerBound == 1 ? unit : plural)"
        }
        return range.lowerBound == 0
            ? "at most \(range.upperBound) \(plural)" : "\(range.lowerBound) to \(range.upperBound) \(plural)"
    }

    private static func span(_ range: ClosedRange<Int>) -> String {
        range.upperBound >= Int(Int32.max) && range.lowerBound > Int(Int32.min)
            ? "of at least \(range.lowerBound) and at most \(range.upperBound)"
            : "from \(range.lowerBound) to \(range.upperBound)"
    }
}
