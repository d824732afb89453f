/// Holds what a composite tool's steps send against what their tools say they take, before anything is called.
///
/// A template decides at run time, so only what is written plainly, and what is missing or too much, can be told.
enum StepArgumentCheck {
    /// One line for each thing that the tool is likely to refuse.
    static func problems(of workflow: ResolvedWorkflow) -> [String] {
        workflow.calls.sorted { $0.key < $1.key }.flatMap { index, call in
            problems(of: call.arguments, call.tool).map { "step \(workflow.definition.steps[index].id): \($0)" }
        }
    }

    private static func problems(of arguments: ArgumentTemplate, _ tool: Catalog.Tool) -> [String] {
        guard let schema = tool.json["inputSchema"], schema.kind == .object else { return [] }
        let members = arguments.members
        let names = Set(members.map(\.name))
        var found = (schema["required"]?.elements ?? []).compactMap(\.string).filter { !names.contains($0) }
            .map { "the tool \(tool.name) requires the argument \"\($0)\"" }
        for (name, value) in members {
            guard let property = schema["properties"]?[name] else {
                if schema["additionalProperties"]?.bool == false {
                    found.append("the tool \(tool.name) does not take the argument \"\(name)\"")
                }
                continue
            }
            guard let value else { continue }
            found += JSONSchema(property).violations(of: value).map { violation in
                "the argument \"\(name)\" of the tool \(tool.name): \(violation)"
            }
        }
        return found
    }
}

extension ArgumentTemplate {
    /// The first level, with the values that no template makes.
    fileprivate var members: [(name: String, value: JSONSlice?)] {
        switch self {
        case .constant(let json): JSONSlice(base: json, range: 0..<json.count).members.map { ($0.key, $0.value) }
        case .object(let members):
            members.map { key, value in
                guard case .constant(let json) = value else { return (key, nil) }
                return (key, JSONSlice(base: json, range: 0..<json.count))
            }
        case .template, .array: []
        }
    }
}
