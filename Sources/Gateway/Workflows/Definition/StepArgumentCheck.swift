/// Holds what a composite tool's steps send against what their tools say they take, before anything is called.
///
/// What is written plainly, what is missing and what is too much is bound to be refused. Where a template decides, no more can be
/// told than that it makes text.
struct StepArgumentCheck {
    struct Problem: Sendable, Equatable {
        let text: String
        /// Whether the tool refuses it whatever templates yield.
        let isCertain: Bool
    }

    private let tool: Catalog.Tool
    private let schema: JSONSlice
    private var found: [Problem] = []

    static func problems(of workflow: ResolvedWorkflow) -> [Problem] {
        workflow.calls.sorted { $0.key < $1.key }.flatMap { index, call -> [Problem] in
            guard let schema = call.tool.json["inputSchema"], schema.kind == .object else { return [] }
            var check = StepArgumentCheck(tool: call.tool, schema: schema)
            if let objection = JSONSchemaDialect.objection(toSchema: schema) {
                check.note(
                    "the arguments of the tool \(call.tool.name) are not checked: in its input schema \(objection)",
                    isCertain: false)
            } else {
                check.check(call.arguments, schema, at: "")
            }
            let step = workflow.definition.steps[index].id
            return check.found.map { Problem(text: "step \(step): \($0.text)", isCertain: $0.isCertain) }
        }
    }

    private init(tool: Catalog.Tool, schema: JSONSlice) { (self.tool, self.schema) = (tool, schema) }

    private mutating func note(_ text: String, isCertain: Bool = true) {
        found.append(Problem(text: text, isCertain: isCertain))
    }

    private mutating func check(_ argument: ArgumentTemplate, _ part: JSONSlice, at path: String) {
        switch argument {
        case .constant(let json):
            let value = JSONSlice(base: json, range: 0..<json.count)
            // The whole is looked at by its members, for errors that say which argument.
            if path.isEmpty, value.kind == .object {
                return check(value.members.map { ($0.key, nil, $0.value) }, part, at: path)
            }
            for violation in JSONSchema(part, in: schema).violations(of: value) {
                let place = violation.path.isEmpty ? path : Self.path(path, violation.path)
                note("the argument \"\(place)\" of the tool \(tool.name): \(violation.message)")
            }
        case .object(let members): check(members.map { ($0.key, $0.value, nil) }, part, at: path)
        case .array(let elements):
            if let names = Self.types(part), !names.contains("array") { return mismatch(names, "array", at: path) }
            guard let items = part["items"], items.kind == .object else { return }
            for (index, element) in elements.enumerated() { check(element, items, at: "\(path)[\(index)]") }
        case .template(let template):
            guard template.isText, let names = Self.types(part), !names.contains("string") else { return }
            note(
                "the argument \"\(path)\" of the tool \(tool.name): expected \(names.joined(separator: " or ")), and a "
                    + "template makes text of it, which must spell one", isCertain: false)
        }
    }

    private mutating func check(
        _ members: [(name: String, argument: ArgumentTemplate?, value: JSONSlice?)], _ part: JSONSlice, at path: String
    ) {
        if let names = Self.types(part), !names.contains("object") { return mismatch(names, "object", at: path) }
        let names = Set(members.map(\.name))
        for name in (part["required"]?.elements ?? []).compactMap(\.string) where !names.contains(name) {
            note("the tool \(tool.name) requires the argument \"\(Self.path(path, name))\"")
        }
        for (name, argument, value) in members {
            guard let property = part["properties"]?[name] else {
                if part["additionalProperties"]?.bool == false, part["patternProperties"] == nil {
                    note("the tool \(tool.name) does not take the argument \"\(Self.path(path, name))\"")
                }
                continue
            }
            if let argument { check(argument, property, at: Self.path(path, name)) }
            if let value { check(.constant(value.array), property, at: Self.path(path, name)) }
        }
    }

    private mutating func mismatch(_ names: [String], _ found: String, at path: String) {
        note(
            "the argument \"\(path)\" of the tool \(tool.name): expected \(names.joined(separator: " or ")), found \(found)"
        )
    }

    private static func path(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : name.hasPrefix("[") ? path + name : "\(path).\(name)"
    }

    /// The types that a schema allows; `nil` when it does not say, or not by itself.
    private static func types(_ part: JSONSlice) -> [String]? {
        guard part["$ref"] == nil, let type = part["type"] else { return nil }
        return type.string.map { [$0] } ?? type.elements.compactMap(\.string)
    }
}
