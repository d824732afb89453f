import Gateway

/// The JSON Schema of a plugin's configuration: the part of draft 2020-12 that describes a `spec`.
///
/// Checked: `type`, `properties`, `patternProperties`, `additionalProperties`, `required`, `minProperties`,
/// `maxProperties`, `enum`, `const`, `pattern`, `minLength`, `maxLength`, `minimum`, `maximum`, `exclusiveMinimum`,
/// `exclusiveMaximum`, `multipleOf`, `items`, `minItems`, `maxItems`, `uniqueItems`, `oneOf`, `anyOf`, `allOf`, `not`,
/// `if`/`then`/`else`, and `$ref` into the same document. Annotations and unknown keywords say nothing, as the draft
/// has it; keywords that would decide and are not checked here refuse the schema, so that no rule is silently ignored.
struct ConfigSchema: Sendable {
    /// Why a schema cannot be used.
    struct Unusable: Error, Equatable, CustomStringConvertible { let description: String }

    private static let unsupported: Set<String> = [
        "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$anchor", "unevaluatedProperties",
        "unevaluatedItems", "prefixItems", "additionalItems", "contains", "minContains", "maxContains",
        "dependentSchemas", "dependencies", "propertyNames", "dependentRequired",
    ]

    let root: JSONSlice

    /// Reads a schema and looks through all of it, so that a bad one is refused when the plugin is loaded.
    init(_ text: String) throws(Unusable) {
        do {
            root = try JSONSlice(validating: Array(text.utf8))
        } catch {
            throw Unusable(description: error.description)
        }
        try inspect(root, at: "#", depth: 0)
    }

    /// Where `$ref` leads: `#` or `#/…`, a JSON Pointer (RFC 6901).
    func target(of reference: String) -> JSONSlice? {
        guard reference.hasPrefix("#") else { return nil }
        if reference == "#" { return root }
        guard reference.hasPrefix("#/") else { return nil }
        var found: JSONSlice? = root
        for part in reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
            let key = String(part).replacing("~1", with: "/").replacing("~0", with: "~")
            if let value = found, value.kind == .array, let index = Int(key) {
                let elements = value.elements
                found = elements.indices.contains(index) ? elements[index] : nil
            } else {
                found = found?[key]
            }
        }
        return found
    }

    private func inspect(_ schema: JSONSlice, at place: String, depth: Int) throws(Unusable) {
        func bad(_ key: String, _ text: String) -> Unusable { Unusable(description: "\(place)/\(key): \(text)") }
        if schema.kind == .bool { return }
        guard schema.kind == .object, depth < 64 else {
            throw Unusable(
                description: "\(place): expected a schema (an object, true or false), nested at most 64 deep")
        }
        for (key, value) in schema.members {
            switch key {
            case "$schema":
                if let objection = JSONSchemaDialect.objection(to: value.string ?? "") { throw bad(key, objection) }
            case "properties", "patternProperties", "$defs", "definitions":
                guard value.kind == .object else { throw bad(key, "expected an object of schemas") }
                for (name, part) in value.members {
                    if key == "patternProperties" { try inspect(pattern: name, at: "\(place)/\(key)") }
                    try inspect(part, at: "\(place)/\(key)/\(name)", depth: depth + 1)
                }
            case "additionalProperties", "items", "not", "if", "then", "else":
                try inspect(value, at: "\(place)/\(key)", depth: depth + 1)
            case "oneOf", "anyOf", "allOf":
                guard value.kind == .array, !value.elements.isEmpty else { throw bad(key, "expected schemas") }
                for (index, part) in value.elements.enumerated() {
                    try inspect(part, at: "\(place)/\(key)/\(index)", depth: depth + 1)
                }
            case "type":
                let names = value.kind == .array ? value.elements.map(\.string) : [value.string]
                let known: Set<String?> = ["null", "boolean", "object", "array", "number", "string", "integer"]
                guard !names.isEmpty, names.allSatisfy(known.contains) else { throw bad(key, "expected type names") }
            case "required":
                let isTexts = value.kind == .array && value.elements.allSatisfy { $0.kind == .string }
                guard isTexts else { throw bad(key, "expected a list of names") }
            case "enum": guard value.kind == .array else { throw bad(key, "expected a list") }
            case "pattern":
                guard let pattern = value.string else { throw bad(key, "expected a text") }
                try inspect(pattern: pattern, at: place)
            case "$ref":
                guard let reference = value.string, target(of: reference) != nil else {
                    throw bad(key, "leads nowhere in this schema; only references inside it are followed")
                }
            case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
                guard let count = value.integer, count >= 0 else { throw bad(key, "expected a whole number") }
            case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
                guard value.double != nil else { throw bad(key, "expected a number") }
            case "multipleOf":
                guard let step = value.double, step > 0 else { throw bad(key, "expected a number above 0") }
            case "uniqueItems": guard value.bool != nil else { throw bad(key, "expected true or false") }
            case _ where Self.unsupported.contains(key): throw bad(key, "this host does not check this keyword")
            default: break
            }
        }
    }

    private func inspect(pattern: String, at place: String) throws(Unusable) {
        do {
            _ = try Regex(pattern)
        } catch {
            throw Unusable(description: "\(place)/pattern: '\(pattern)' is no regular expression: \(error)")
        }
    }
}

extension PluginImage {
    /// Checks the `spec` of a resource against the plugin's schema.
    /// - Throws: ``PluginLoadError/Reason/badConfiguration`` with every violation.
    package func check(_ spec: [UInt8], resource: String) throws(PluginLoadError) {
        let problems: [String]
        do {
            let value = try JSONSlice(validating: spec)
            problems = schema?.problems(of: value) ?? []
        } catch {
            problems = [error.description]
        }
        guard !problems.isEmpty else { return }
        throw PluginLoadError(
            .badConfiguration, path: resource, expected: "a spec that the plugin \(manifest.id) accepts",
            found: problems.joined(separator: "; "), advice: "correct the resource")
    }
}
