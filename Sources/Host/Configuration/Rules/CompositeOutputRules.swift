/// The rules of a composite tool's output (resource specification, section 15, last row).
enum CompositeOutputRules {
    /// Deepest nesting of properties.
    private static let maximumDepth = 10

    static func check(_ output: Located, validation: Validation) {
        guard let properties = output["properties"], case .mapping(let entries) = properties.node.content else {
            return
        }
        if entries.isEmpty {
            validation.log.error(
                at: properties, "expected at least 1 property, found none; leave `output` out for none")
        }
        for item in output["required"]?.items ?? [] {
            guard let name = item.text, !entries.contains(where: { $0.key == name }) else { continue }
            validation.log.error(
                at: item,
                "expected the name of a property, found `\(name)`"
                    + Suggestion.sentence(for: name, among: entries.map(\.key)))
        }
        for (_, property) in properties.entries { check(property: property, validation: validation) }
    }

    private static func check(property: Located, depth: Int = 1, validation: Validation) {
        guard case .mapping = property.node.content else { return }
        let log = validation.log
        guard depth <= maximumDepth else {
            return log.error(at: property, "expected at most \(maximumDepth) levels of properties, found more")
        }
        if property["description"]?.text?.isEmpty ?? true {
            log.error(at: property, field: "description", "expected a description, found nothing; it is required")
        }
        CompositeStepRules.checkTemplate(property["value"], validation: validation)
        guard let type = property["type"]?.text else { return }
        let nested = property["properties"]
        let hasValue = property["value"]?.text?.isEmpty == false
        if type == "object" {
            if hasValue == (nested != nil) {
                log.error(
                    at: property,
                    "expected exactly one of `value` and `properties` on an object, found "
                        + (hasValue ? "both" : "neither"))
            }
            for (_, child) in nested?.entries ?? [] {
                validation.check(child, .object(CompositeToolSchema.property))
                check(property: child, depth: depth + 1, validation: validation)
            }
        } else {
            if let nested { log.error(at: nested, "expected `properties` on an object only, found them on \(type)") }
            if !hasValue {
                log.error(at: property, field: "value", "expected a template, found nothing; \(type) needs it")
            }
        }
        if let value = property["default"], !JSONSchemaForm.isType(value.node, type) {
            log.error(at: value, "expected a default of type \(type), found \(value.node.typeDescription)")
        }
    }
}
