/// Which tools clients see. Hidden tools stay routable for workflows.
struct ToolVisibility {
    private let settings: AggregationSettings
    private let workloads: [String: AggregationSettings.Workload]
    private let filters: [String: Set<CatalogKey>]

    init(_ settings: AggregationSettings, workloads: [String: AggregationSettings.Workload]) {
        self.settings = settings
        self.workloads = workloads
        filters = workloads.mapValues { Set($0.filter.map(CatalogKey.init)) }
    }

    /// Decides for each tool by its name after overrides and before prefixes.
    func apply(to tools: inout [NamedItem], _ report: inout AggregationReport) {
        for index in tools.indices {
            guard let cause = cause(of: tools[index].item) else { continue }
            tools[index].isVisible = false
            tools[index].isTaskOnly = cause == .requiresTask && tools[index].item.taskUse == .required
            report.add(cause, kind: .tools, tools[index].item, as: tools[index].name)
        }
    }

    /// Reports what filters list and backends do not have: mostly real names of tools that an override renames.
    func reportUnused(offers: [BackendOffer], _ tools: [OfferedItem], _ report: inout AggregationReport) {
        guard !filters.isEmpty else { return }
        var missing = filters
        for tool in tools { missing[tool.backend]?.remove(CatalogKey(tool.name)) }
        for offer in offers where offer.failures[.tools] == nil {
            for name in missing[offer.backend, default: []].sorted() {
                report.add(.filterOfUnknownTool, kind: .tools, backend: offer.backend, originalName: name.text)
            }
        }
    }

    private func cause(of tool: OfferedItem) -> AggregationCause? {
        if settings.excludeAllTools { return .excludeAllTools }
        if let workload = workloads[tool.backend] {
            if workload.excludeAll { return .excludeAll }
            if let filter = filters[tool.backend], !filter.isEmpty, !filter.contains(CatalogKey(tool.name)) {
                return .notInFilter
            }
        } else if settings.defaultToolVisibility == .deny {
            return .defaultDeny
        }
        return tool.requiresTask ? .requiresTask : nil
    }
}
