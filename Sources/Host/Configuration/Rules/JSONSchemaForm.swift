import Gateway

/// The form of a JSON Schema (2020-12): whether its keywords hold what they must. Unknown keywords are annotations.
enum JSONSchemaForm {
    private static let types = ["object", "array", "string", "number", "integer", "boolean", "null"]
    private static let schemaMaps = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]
    private static let schemas = [
        "items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else",
    ]
    private static let schemaLists = ["allOf", "anyOf", "oneOf", "prefixItems"]
    private static let counts = [
        "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
    ]
    private static let numbers = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]

    /// Reports each keyword of the schema that is malformed.
    static func check(_ schema: Located, validation: Validation) {
        if schema.boolean != nil { return }
        guard case .mapping = schema.node.content else {
            validation.log.error(at: schema, "expected a JSON Schema, found \(schema.node.typeDescription)")
            return
        }
        for (keyword, value) in schema.entries { check(keyword, value, validation: validation) }
    }

    private static func check(_ keyword: String, _ value: Located, validation: Validation) {
        func mismatch(_ expected: String) {
            validation.log.error(at: value, "expected \(expected), found \(value.node.typeDescription)")
        }
        switch keyword {
        case "$schema":
            guard let declared = value.text else { return mismatch("the URI of a dialect") }
            if let objection = JSONSchemaDialect.objection(to: declared) { validation.log.error(at: value, objection) }
        case "type":
            for name in value.text.map({ [($0, value)] }) ?? value.items.map({ ($0.text ?? "", $0) })
            where !types.contains(name.0) {
                validation.log.error(
                    at: name.1,
                    "expected one of \(types.joined(separator: ", ")), found \(name.1.node.valueDescription)")
            }
            if value.text == nil, value.items.isEmpty { mismatch("the name of a type, or a list of them") }
        case "required":
            guard case .sequence(let names) = value.node.content, value.texts.count == names.count else {
                return mismatch("a list of property names")
            }
        case "enum":
            guard case .sequence = value.node.content else { return mismatch("a list of values") }
        case "pattern":
            guard let text = value.text else { return mismatch("a regular expression") }
            if !Pattern.isValid(text) {
                validation.log.error(at: value, "expected a regular expression, found \"\(text)\"")
            }
        case _ where counts.contains(keyword):
            guard let count = value.integer, count >= 0 else { return mismatch("a number of at least 0") }
        case _ where numbers.contains(keyword):
            guard isType(value.node, "number") else { return mismatch("a number") }
        case _ where schemaMaps.contains(keyword):
            guard case .mapping = value.node.content else { return mismatch("a mapping of schemas") }
            for (_, child) in value.entries { check(child, validation: validation) }
        case _ where schemaLists.contains(keyword):
            guard case .sequence = value.node.content else { return mismatch("a list of schemas") }
            for item in value.items { check(item, validation: validation) }
        case _ where schemas.contains(keyword):
            check(value, validation: validation)
        default: break
        }
    }

    /// Whether a value is of a type of JSON Schema; 1.0 counts as an integer there.
    static func isType(_ node: Node, _ type: String) -> Bool {
        switch (node.content, type) {
        case (.null, "null"), (.boolean, "boolean"), (.integer, "integer"), (.integer, "number"), (.number, "number"),
            (.text, "string"), (.sequence, "array"), (.mapping, "object"):
            true
        case (.number(let digits), "integer"): Double(digits).map { $0.rounded() == $0 } ?? false
        default: false
        }
    }
}
