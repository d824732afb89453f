import Gateway

/// Turns `aggregation` into the settings of the pipeline.
struct AggregationReading {
    let index: ResourceIndex
    let validation: Validation
    let namespace: String

    /// The settings; without the section, those a VirtualMCPServer has by default.
    func settings(_ aggregation: Located?) -> AggregationSettings {
        let top = Reading(aggregation, VMCPDocumentSchema.aggregation)
        let config = Reading(aggregation?["conflictResolutionConfig"], VMCPDocumentSchema.conflictResolutionConfig)
        return AggregationSettings(
            strategy: top.choice("conflictResolution") ?? .prefix, prefixMode: config.choice("prefixMode") ?? .always,
            prefixFormat: config.text("prefixFormat") ?? "",
            priorityOrder: config.value?["priorityOrder"]?.texts ?? [],
            defaultToolVisibility: top.choice("defaultToolVisibility") ?? .allow,
            excludeAllTools: top.boolean("excludeAllTools"),
            workloads: (aggregation?["tools"]?.items ?? []).map(workload), shortenNames: config.boolean("shortenNames"))
    }

    /// The inline settings of a workload with its MCPToolConfig merged in: an inline filter wins when it is not empty,
    /// and so does an inline override of the same tool (resource specification, section 16.3).
    private func workload(_ item: Located) -> AggregationSettings.Workload {
        var workload = AggregationSettings.Workload(
            workload: item["workload"]?.text ?? "", filter: item["filter"]?.texts ?? [],
            overrides: overrides(item["overrides"]), excludeAll: item["excludeAll"]?.boolean ?? false)
        guard let reference = item["toolConfigRef"] else { return workload }
        guard let shared = toolConfig(reference) else {
            // Inside a resource this was reported as a reference that leads nowhere.
            if !reference.path.hasPrefix("spec.") {
                validation.log.warning(
                    at: reference, "has no effect: no file given with --config has this MCPToolConfig; add it")
            }
            return workload
        }
        if workload.filter.isEmpty { workload.filter = shared["toolsFilter"]?.texts ?? [] }
        workload.overrides.merge(overrides(shared["toolsOverride"])) { inline, _ in inline }
        let names = workload.overrides.values.compactMap(\.name)
        if Set(names).count < names.count {
            validation.log.error(
                at: reference, "expected distinct new tool names after the merge, found one twice; change an override")
        }
        return workload
    }

    /// The settings that a member's own `toolConfigRef` stands for.
    func workload(named name: String, reference: Located, visibility: AggregationSettings.Visibility)
        -> AggregationSettings.Workload?
    {
        guard let shared = toolConfig(reference) else { return nil }
        // An entry for the backend would make it visible that was hidden before.
        return AggregationSettings.Workload(
            workload: name, filter: shared["toolsFilter"]?.texts ?? [],
            overrides: overrides(shared["toolsOverride"]), excludeAll: visibility == .deny)
    }

    private func toolConfig(_ reference: Located) -> Located? {
        guard let name = reference["name"]?.text else { return nil }
        return index.resource(kind: "MCPToolConfig", namespace: namespace, name: name)?.spec
    }

    private func overrides(_ map: Located?) -> [String: AggregationSettings.Override] {
        var overrides: [String: AggregationSettings.Override] = [:]
        for (tool, entry) in map?.entries ?? [] {
            let name = entry["name"]?.text
            let description = entry["description"]?.text
            overrides[tool] = AggregationSettings.Override(
                name: name?.isEmpty == false ? name : nil,
                description: description?.isEmpty == false ? description : nil,
                annotations: entry["annotations"].map(AggregationSettings.Annotations.init))
        }
        return overrides
    }
}

extension AggregationSettings.Annotations {
    /// - Parameter hints: The block of hints; none without it.
    init(_ hints: Located?) {
        self.init(
            title: hints?["title"]?.text, readOnlyHint: hints?["readOnlyHint"]?.boolean,
            destructiveHint: hints?["destructiveHint"]?.boolean, idempotentHint: hints?["idempotentHint"]?.boolean,
            openWorldHint: hints?["openWorldHint"]?.boolean)
    }
}
