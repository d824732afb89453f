/// The stage that adds composite tools to what backends offer.
///
/// One that cannot run now is left out, and the report says why: its name is taken, a tool of a step is not there, or it
/// claims to be safer than its tools are.
struct CompositeTools {
    private let definitions: [WorkflowDefinition]
    private let shortenNames: Bool

    /// - Parameter shortenNames: Whether a name that clients refuse is shortened, as those of backend tools are.
    init(_ definitions: [WorkflowDefinition], shortenNames: Bool) {
        (self.definitions, self.shortenNames) = (definitions, shortenNames)
    }

    var isEmpty: Bool { definitions.isEmpty }

    func defines(_ name: String) -> Bool { definitions.contains { $0.name == name } }

    /// - Parameter base: The tools of backends, shown and hidden.
    func resolve(in base: Catalog, _ report: inout AggregationReport) -> [ResolvedWorkflow] {
        var found: [ResolvedWorkflow] = []
        var taken = Set<String>()
        for definition in definitions {
            let name = shortenNames ? NameGuard.shortened(definition.name) : definition.name
            let owner = base.tool(named: name)?.backend ?? (taken.insert(name).inserted ? nil : Catalog.ownBackend)
            if let owner {
                note(.compositeNameTaken(by: owner), definition, &report)
                continue
            }
            if name != definition.name {
                report.add(
                    .shortened(from: definition.name), kind: .tools, backend: Catalog.ownBackend,
                    originalName: definition.name, advertisedName: name)
            }
            do throws(ResolvedWorkflow.Unresolved) {
                let workflow = try ResolvedWorkflow(definition, as: name, in: base)
                if let claim = WorkflowHints(workflow).unsafeClaim {
                    note(.compositeClaimsSafety(hint: claim), definition, &report)
                    continue
                }
                for problem in StepArgumentCheck.problems(of: workflow) {
                    note(.compositeArguments(problem.text, isCertain: problem.isCertain), definition, &report)
                }
                found.append(workflow)
            } catch {
                note(.compositeLacksTool(step: error.step, tool: error.tool), definition, &report)
            }
        }
        return found
    }

    private func note(_ cause: AggregationCause, _ definition: WorkflowDefinition, _ report: inout AggregationReport) {
        report.add(cause, kind: .tools, backend: Catalog.ownBackend, originalName: definition.name)
    }
}

extension ResolvedWorkflow {
    /// The tool as clients get it.
    var item: NamedItem {
        var members: [(key: String, json: [UInt8])] = [("name", JSONText.quote(name))]
        if let title = definition.annotations.title { members.append(("title", JSONText.quote(title))) }
        members.append(("description", JSONText.quote(definition.description)))
        members.append(("inputSchema", definition.parameters.json.array))
        if let output = definition.output { members.append(("outputSchema", output.schema)) }
        members.append(("annotations", WorkflowHints(self).json))
        var json: [UInt8] = [UInt8(ascii: "{")]
        for (key, value) in members {
            if json.count > 1 { json.append(UInt8(ascii: ",")) }
            JSONText.append(key, to: &json)
            json.append(UInt8(ascii: ":"))
            json += value
        }
        json.append(UInt8(ascii: "}"))
        let item = OfferedItem(
            backend: Catalog.ownBackend, originalName: definition.name, name: name,
            object: JSONSlice(base: json, range: 0..<json.count),
            nameRange: 8..<(8 + members[0].json.count), descriptionRange: nil, annotationsRange: nil,
            requiresTask: false,
            override: nil)
        return NamedItem(item: item, name: name)
    }
}
