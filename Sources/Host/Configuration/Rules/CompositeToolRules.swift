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
        checkDependencies(steps, validation: validation)
        if let output = tool["output"] { CompositeOutputRules.check(output, validation: validation) }
        checkDefaultResults(steps, output: tool["output"], validation: validation)
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
        for step in steps {
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

    private static func checkDependencies(_ steps: [Located], validation: Validation) {
        var dependencies: [String: [String]] = [:]
        for step in steps {
            guard let id = step["id"]?.text else { continue }
            dependencies[id, default: []] += step["dependsOn"]?.texts ?? []
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

    /// A step that may be skipped needs substitutes for what others read of it.
    private static func checkDefaultResults(_ steps: [Located], output: Located?, validation: Validation) {
        var skippable: [String: Located] = [:]
        for step in steps where step["condition"] != nil || step.at("onError", "action")?.text == "continue" {
            if let id = step["id"]?.text { skippable[id] = step }
        }
        guard !skippable.isEmpty else { return }
        var reported = Set<String>()
        func report(_ text: String, by reader: String, except own: String?) {
            for (id, field) in TemplateText.outputReferences(in: text) where id != own {
                guard let step = skippable[id], step["defaultResults"]?[field] == nil,
                    reported.insert("\(id).\(field)").inserted
                else { continue }
                validation.log.error(
                    at: step["defaultResults"] ?? step,
                    field: step["defaultResults"] == nil ? "defaultResults" : field,
                    "expected a default for the field `\(field)`, found none; the step `\(id)` may be skipped and \(reader) reads it"
                )
            }
        }
        for step in steps {
            let id = step["id"]?.text
            for text in step.node.allTexts { report(text, by: "step `\(id ?? "")`", except: id) }
        }
        for text in output?.node.allTexts ?? [] { report(text, by: "the output", except: nil) }
    }
}

extension Node {
    /// Every text in the tree, keys aside.
    fileprivate var allTexts: [String] {
        switch content {
        case .text(let text): [text]
        case .sequence(let items): items.flatMap(\.allTexts)
        case .mapping(let entries): entries.flatMap(\.value.allTexts)
        default: []
        }
    }
}
