import Gateway

/// Turns composite tools, as validated, into workflow definitions.
struct CompositeToolReading {
    let index: ResourceIndex
    let validation: Validation
    let namespace: String

    /// Those written in the document, then those it refers to.
    func definitions(_ document: Located?) -> [WorkflowDefinition] {
        let inline = document?["compositeTools"]?.items ?? []
        let references = document?["compositeToolRefs"]?.items ?? []
        // Those of resources were checked with their relations.
        if document?.path.hasPrefix("spec") == false { checkTogether(inline: inline, references) }
        // What the rules have refused is no definition, and the configuration is none either.
        guard !validation.log.hasErrors else { return [] }
        return (inline + references.compactMap(definition)).compactMap(read)
    }

    /// Inline and referenced ones share one name space, and none may call another.
    func checkTogether(inline: [Located], _ references: [Located]) {
        var seen: [String: Located] = [:]
        for tool in inline { if let name = tool["name"], let text = name.text { seen[text] = name } }
        for reference in references {
            guard let tool = definition(reference)?["name"]?.text else {
                // Inside a resource this was reported as a reference that leads nowhere.
                if !reference.path.hasPrefix("spec") {
                    validation.log.warning(
                        at: reference,
                        "has no effect: no file given with --config has this VirtualMCPCompositeToolDefinition; add it")
                }
                continue
            }
            if let first = seen.updateValue(reference, forKey: tool) {
                validation.log.error(
                    at: reference,
                    "expected each composite tool name once, found `\(tool)` again (first at \(first.file):\(first.place.line))"
                )
            }
        }
        CompositeToolRules.checkCalls(inline + references.compactMap(definition), validation: validation)
    }

    private func definition(_ reference: Located) -> Located? {
        guard let name = reference["name"]?.text else { return nil }
        return index.resource(kind: "VirtualMCPCompositeToolDefinition", namespace: namespace, name: name)?.spec
    }

    private func read(_ tool: Located) -> WorkflowDefinition? {
        do {
            let reading = Reading(tool, CompositeToolSchema.tool)
            return try WorkflowDefinition(
                name: tool["name"]?.text ?? "", description: tool["description"]?.text ?? "",
                parameters: tool["parameters"].map { JSONSchema(try json($0)) } ?? .object,
                timeout: milliseconds(reading.duration("timeout"), whenZero: 1_800_000),
                steps: try (tool["steps"]?.items ?? []).map(step), output: try tool["output"].map(output),
                annotations: AggregationSettings.Annotations(tool["annotations"]),
                stepAuthorization: reading.choice("stepAuthorization") ?? .caller,
                place: "\(tool.file):\(tool.node.place.line)")
        } catch {
            validation.log.error(at: tool, "\(error)")
            return nil
        }
    }

    private func json(_ value: Located) throws -> JSONSlice { try JSONSlice(validating: value.node.json) }

    private func milliseconds(_ duration: Duration?, whenZero standard: UInt64) -> UInt64 {
        guard let duration, duration > .zero else { return standard }
        return UInt64(max(duration / .milliseconds(1), 1))
    }

    // MARK: - Steps

    private func step(_ step: Located) throws -> WorkflowStep {
        let reading = Reading(step, CompositeToolSchema.step)
        return WorkflowStep(
            id: step["id"]?.text ?? "", work: try work(step, reading),
            condition: try step["condition"]?.text.map(Template.init), dependsOn: step["dependsOn"]?.texts ?? [],
            onError: onError(step), timeout: milliseconds(reading.duration("timeout"), whenZero: 300_000),
            defaultResults: try step["defaultResults"].map(json))
    }

    private func work(_ step: Located, _ reading: Reading) throws -> WorkflowStep.Work {
        switch reading.text("type") {
        case "elicitation":
            return .elicitation(
                WorkflowStep.Elicitation(
                    message: try Template(step["message"]?.text ?? ""),
                    schema: try step["schema"].map { JSONSchema(try json($0)) } ?? .object,
                    onDecline: reaction(step["onDecline"]), onCancel: reaction(step["onCancel"])))
        case "forEach":
            guard let inner = step["step"] else { throw WorkflowDefinition.Malformed("expected the step to repeat") }
            let most = reading.integer("maxIterations") ?? 0
            let parallel = reading.integer("maxParallel") ?? 0
            return .forEach(
                WorkflowStep.ForEach(
                    collection: try Template(step["collection"]?.text ?? ""),
                    variable: reading.text("itemVar") ?? "item", maximumParallel: parallel == 0 ? 10 : parallel,
                    maximumIterations: most == 0 ? 100 : most, call: try call(inner), onError: onError(inner)))
        default: return .tool(try call(step))
        }
    }

    private func call(_ step: Located) throws -> WorkflowStep.ToolCall {
        WorkflowStep.ToolCall(
            tool: step["tool"]?.text ?? "",
            arguments: try step["arguments"].map { try ArgumentTemplate(try json($0)) } ?? .object([]))
    }

    private func reaction(_ answer: Located?) -> WorkflowStep.Elicitation.Reaction {
        answer?["action"]?.text.flatMap(WorkflowStep.Elicitation.Reaction.init) ?? .abort
    }

    private func onError(_ step: Located) -> WorkflowStep.OnError {
        let reading = Reading(step, .object(CompositeToolSchema.step), "onError")
        switch reading.text("action") {
        case "continue": return .continue
        case "retry":
            let delay = milliseconds(reading.duration("retryDelay"), whenZero: 1000)
            return .retry(count: min(reading.integer("retryCount") ?? 1, 10), delay: delay)
        default: return .abort
        }
    }

    // MARK: - Output

    private func output(_ output: Located) throws -> WorkflowOutput {
        WorkflowOutput(
            properties: try properties(output["properties"]), required: output["required"]?.texts ?? [])
    }

    private func properties(_ value: Located?) throws -> [(name: String, property: WorkflowOutput.Property)] {
        try (value?.entries ?? []).map { name, property in
            let source: WorkflowOutput.Property.Source =
                if let nested = property["properties"] {
                    .properties(try properties(nested))
                } else {
                    .value(try Template(property["value"]?.text ?? ""))
                }
            return (
                name,
                WorkflowOutput.Property(
                    kind: property["type"]?.text.flatMap(WorkflowOutput.Kind.init) ?? .string,
                    description: property["description"]?.text ?? "", source: source,
                    defaultValue: try property["default"].map(json))
            )
        }
    }
}
