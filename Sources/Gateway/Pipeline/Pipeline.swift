/// The way from the backends' lists to the catalog that clients see: the visible list of its stages.
///
/// Values in, values out: the same offers, in any order, give the same bytes.
package struct Pipeline: Sendable {
    private let settings: AggregationSettings
    private let compositeTools: CompositeTools
    private let pinned: Set<String>?
    private let schemaDepth: Int

    /// Levels to which the JSON of a tool's schema may be nested where nothing else is set.
    package static let usualSchemaDepth = 64

    /// - Parameters: Checked by the configuration; what has no effect here becomes an entry of the report.
    ///   - pinned: With the optimizer: the tools that clients see beside its two.
    ///   - schemaDepth: Levels to which the JSON of a tool's schema may be nested; a tool with a deeper one is left out.
    package init(
        _ settings: AggregationSettings, compositeTools: [WorkflowDefinition] = [], pinned: Set<String>? = nil,
        schemaDepth: Int = usualSchemaDepth
    ) {
        self.pinned = pinned
        self.schemaDepth = schemaDepth
        self.settings = settings
        self.compositeTools = CompositeTools(compositeTools, shortenNames: settings.shortenNames)
    }

    /// Merges what the backends offer. Nothing fails here: what cannot be shown is left out, and the report says why.
    /// - Parameter absences: What the offers lack.
    package func catalog(
        from offers: [BackendOffer], absences: Absences = .none
    ) -> (Catalog, AggregationReport) {
        var report = AggregationReport()
        let workloads = workloads(&report)
        let offers = OfferReader.sorted(offers, &report)
        reportUnknown(workloads, offers, &report)

        // Tools. Overrides come first: filters and conflicts know the new names.
        var offered = OfferReader.items(.tools, of: offers, schemaDepth: schemaDepth, &report)
        ToolOverrides(workloads).apply(to: &offered, &report)
        // Hidden tools take part in conflicts, because workflows call them by the names that are settled here.
        var tools = settle(.tools, offered, by: toolResolution(workloads), &report)
        let visibility = ToolVisibility(settings, workloads: workloads)
        visibility.reportUnused(offers: offers, offered, &report)
        visibility.apply(to: &tools, &report)

        // Prompts have names of their own; they are neither overridden nor filtered.
        let prompts = settle(
            .prompts, OfferReader.items(.prompts, of: offers, &report), by: promptResolution, &report)

        // Resources and templates keep their URIs where no other backend has the same.
        let resources = KeyOwners(kind: .resources).settle(
            OfferReader.items(.resources, of: offers, &report), &report)
        let templates = KeyOwners(kind: .resourceTemplates).settle(
            OfferReader.items(.resourceTemplates, of: offers, &report), &report)
        reportUnreadable(templates, &report)

        for name in (pinned ?? []).sorted() where !knows(name, tools) {
            report.add(.pinnedMissing, kind: .tools, backend: Catalog.ownBackend, originalName: name)
        }
        let hints = Dictionary(uniqueKeysWithValues: OfferKind.allCases.map { ($0, BackendOffer.hint($0, of: offers)) })
        let catalog = Catalog(
            tools: tools, resources: resources, templates: templates, prompts: prompts, hints: hints,
            pinned: pinned, absences: absences)
        guard !compositeTools.isEmpty else { return (catalog, report) }
        // Composite tools come last: their steps name what was settled.
        let workflows = compositeTools.resolve(in: catalog, &report)
        guard !workflows.isEmpty else { return (catalog, report) }
        return (
            Catalog(
                tools: tools, resources: resources, templates: templates, prompts: prompts, hints: hints,
                workflows: workflows, pinned: pinned, absences: absences),
            report
        )
    }

    /// Whether there is a visible tool of this name, or a composite tool.
    private func knows(_ name: String, _ tools: [NamedItem]) -> Bool {
        tools.contains { $0.isVisible && CatalogKey($0.name) == CatalogKey(name) } || compositeTools.defines(name)
    }

    private func settle(
        _ kind: OfferKind, _ items: [OfferedItem], by resolution: any ConflictResolution,
        _ report: inout AggregationReport
    ) -> [NamedItem] {
        NameOwners(kind: kind, shortenNames: settings.shortenNames)
            .settle(items, resolution.proposals(for: items), &report)
    }

    private var prefix: NamePrefix { NamePrefix(format: settings.prefixFormat) }

    private func toolResolution(_ workloads: [String: AggregationSettings.Workload]) -> any ConflictResolution {
        switch settings.strategy {
        case .prefix: PrefixResolution(prefix: prefix, mode: settings.prefixMode)
        case .priority: PriorityResolution(order: settings.priorityOrder, prefix: prefix)
        case .manual: ManualResolution(overrides: workloads.mapValues(\.overrides))
        }
    }

    private var promptResolution: any ConflictResolution {
        switch settings.strategy {
        case .prefix: PrefixResolution(prefix: prefix, mode: settings.prefixMode)
        case .priority:
            PromptPriorityResolution(
                order: settings.priorityOrder, prefix: prefix, shortenNames: settings.shortenNames)
        // Overrides, which settle conflicts under this strategy, do not exist for prompts.
        case .manual: PrefixResolution(prefix: prefix, mode: .always)
        }
    }

    /// The settings by backend; the first of several for one backend counts.
    private func workloads(_ report: inout AggregationReport) -> [String: AggregationSettings.Workload] {
        var workloads: [String: AggregationSettings.Workload] = [:]
        for workload in settings.workloads {
            if workloads[workload.workload] == nil {
                workloads[workload.workload] = workload
            } else {
                report.add(.repeatedWorkload, kind: .tools, backend: workload.workload)
            }
        }
        return workloads
    }

    private func reportUnknown(
        _ workloads: [String: AggregationSettings.Workload], _ offers: [BackendOffer],
        _ report: inout AggregationReport
    ) {
        let known = Set(offers.map(\.backend))
        for name in workloads.keys.sorted() where !known.contains(name) {
            report.add(.unknownWorkload, kind: .tools, backend: name)
        }
        guard settings.strategy == .priority else { return }
        for name in Set(settings.priorityOrder).subtracting(known).sorted() {
            report.add(.unknownInPriorityOrder, backend: name)
        }
    }

    private func reportUnreadable(_ templates: [NamedItem], _ report: inout AggregationReport) {
        for template in templates {
            do throws(URITemplate.Malformed) {
                _ = try URITemplate(template.name)
            } catch {
                report.add(
                    .unreadableTemplate(error.description), kind: .resourceTemplates, template.item, as: template.name)
            }
        }
    }
}
