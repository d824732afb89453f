import Gateway

/// The validation of a composite tool (resource specification, section 15).
enum CompositeToolRules {
    static let toolName = "^[a-zA-Z0-9][a-zA-Z0-9._-]*$"

    static let check: ObjectShape.Rule = { tool, validation in
        let log = validation.log
        if let name = tool["name"], name.text == "" {
            log.error(at: name, "expected the tool's name, found empty text; the name is required")
        }
        if tool["description"]?.text?.isEmpty ?? true {
            log.error(at: tool, field: "description", "expected a description, found nothing; it is required")
        }
        if let steps = tool["steps"], case .sequence(let items) = steps.node.content, items.isEmpty {
            log.error(at: steps, "expected at least 1 step, found none; steps are required")
        }
        if let parameters = tool["parameters"] { checkParameters(parameters, validation: validation) }
        let steps = tool["steps"]?.items ?? []
        checkIdentifiers(steps, validation: validation)
        for step in steps { CompositeStepRules.check(step, validation: validation) }
        if let output = tool["output"] { CompositeOutputRules.check(output, validation: validation) }
        let references = CompositeReferences(steps, output: tool["output"])
        checkDependencies(steps, references: references, validation: validation)
        references.checkUnknown(validation: validation)
        references.checkDefaultResults(validation: validation)
    }

    /// Steps call tools of backends: a composite tool that called another, or itself, could go on for ever.
    static func checkCalls(_ tools: [Located], validation: Validation) {
        let names = Set(tools.compactMap { $0["name"]?.text })
        for step in tools.flatMap({ $0["steps"]?.items ?? [] }) {
            for call in [step["tool"], step.at("step", "tool")].compactMap({ $0 }) {
                guard let name = call.text, names.contains(name) else { continue }
                validation.log.error(
                    at: call, "expected a tool of a backend, found the composite tool `\(name)`; name its steps instead"
                )
            }
        }
    }

    /// Names of composite tools must differ, inline and referenced ones together.
    static func checkUniqueNames(_ tools: [Located], validation: Validation) {
        var seen: [String: Located] = [:]
        for tool in tools {
            guard let name = tool["name"], let text = name.text, !text.isEmpty else { continue }
            if let first = seen[text] {
                validation.log.error(
                    at: name,
                    "expected each composite tool name once, found `\(text)` again (first at \(first.file):\(first.place.line))"
                )
            } else {
                seen[text] = name
            }
        }
    }

    private static func checkParameters(_ parameters: Located, validation: Validation) {
        guard case .mapping = parameters.node.content else { return }
        if parameters["type"]?.text != "object" {
            let place = parameters["type"] ?? parameters
            validation.log.error(
                at: place,
                "expected a JSON Schema with `type: object`, found \(parameters["type"]?.node.valueDescription ?? "no type")"
            )
        }
        JSONSchemaForm.check(parameters, validation: validation)
    }

    private static func checkIdentifiers(_ steps: [Located], validation: Validation) {
        var seen: [String: Located] = [:]
        // An inner step has an id of its own, which differs from all others.
        for step in steps.flatMap({ [$0] + [$0["step"]].compactMap { $0 } }) {
            guard let id = step["id"], let text = id.text else { continue }
            if text.isEmpty {
                validation.log.error(at: id, "expected a step id, found empty text; the id is required")
            } else if let first = seen[text] {
                validation.log.error(
                    at: id, "expected each step id once, found `\(text)` duplicated (first at line \(first.place.line))"
                )
            } else {
                seen[text] = id
            }
        }
    }

    private static func checkDependencies(
        _ steps: [Located], references: CompositeReferences, validation: Validation
    ) {
        var dependencies: [String: [String]] = [:]
        for step in steps {
            guard let id = step["id"]?.text else { continue }
            // What a template reads comes first as well.
            dependencies[id, default: []] += (step["dependsOn"]?.texts ?? []) + references.read(by: id)
        }
        for step in steps {
            for item in step["dependsOn"]?.items ?? [] {
                guard let name = item.text, dependencies[name] == nil else { continue }
                validation.log.error(
                    at: item,
                    "expected the id of a step, found the unknown step `\(name)`"
                        + Suggestion.sentence(for: name, among: dependencies.keys))
            }
        }
        // A step is reported when it can be reached from itself, once a cycle, at its first step in file order.
        var reported = Set<String>()
        for step in steps {
            guard let id = step["id"]?.text, !reported.contains(id), let cycle = cycle(from: id, dependencies) else {
                continue
            }
            reported.formUnion(cycle)
            validation.log.error(
                at: step["dependsOn"] ?? step,
                "expected steps without a cycle, found one that involves the step `\(id)`: "
                    + (cycle + [id]).joined(separator: " → "))
        }
    }

    private static func cycle(from start: String, _ dependencies: [String: [String]]) -> [String]? {
        var visited = Set<String>()
        var stack: [(id: String, path: [String])] = [(start, [start])]
        while let (id, path) = stack.popLast() {
            for next in dependencies[id] ?? [] {
                if next == start { return path }
                if visited.insert(next).inserted { stack.append((next, path + [next])) }
            }
        }
        return nil
    }
}
