/// First stage: what the configuration changes about single tools, keyed by their real names.
struct ToolOverrides {
    private let workloads: [String: AggregationSettings.Workload]

    init(_ workloads: [String: AggregationSettings.Workload]) { self.workloads = workloads }

    /// Gives each tool its override. `tools` is sorted by backend.
    ///
    /// Names stay distinct inside a backend: overrides that would make two tools one are skipped whole, and only those.
    func apply(to tools: inout [OfferedItem], _ report: inout AggregationReport) {
        var start = 0
        while start < tools.count {
            let backend = tools[start].backend
            var end = start + 1
            while end < tools.count, tools[end].backend == backend { end += 1 }
            if let overrides = workloads[backend]?.overrides, !overrides.isEmpty {
                apply(overrides, to: &tools, start..<end, &report)
            }
            start = end
        }
    }

    private func apply(
        _ overrides: [String: AggregationSettings.Override], to tools: inout [OfferedItem], _ range: Range<Int>,
        _ report: inout AggregationReport
    ) {
        var keyed: [CatalogKey: AggregationSettings.Override] = [:]
        for (name, override) in overrides { keyed[CatalogKey(name)] = override }
        var touched: [Int] = []
        for index in range {
            guard let override = keyed.removeValue(forKey: CatalogKey(tools[index].originalName)) else { continue }
            touched.append(index)
            tools[index].override = override
            if let name = override.name, !name.isEmpty { tools[index].name = name }
        }
        for name in keyed.keys.sorted() {
            report.add(
                .overrideOfUnknownTool, kind: .tools, backend: tools[range.lowerBound].backend, originalName: name.text)
        }
        skipCollisions(of: touched, in: &tools, range, &report)
        for index in touched {
            let members = ItemWriter.overriddenMembers(of: tools[index])
            if !members.isEmpty { report.add(.overridden(members: members), kind: .tools, tools[index]) }
        }
    }

    /// A skipped override gives its tool the old name back, which may collide with the next: repeats until none does.
    private func skipCollisions(
        of touched: [Int], in tools: inout [OfferedItem], _ range: Range<Int>, _ report: inout AggregationReport
    ) {
        var renamed = touched.filter { CatalogKey(tools[$0].name) != CatalogKey(tools[$0].originalName) }
        guard !renamed.isEmpty else { return }
        var claims: [CatalogKey: Int] = [:]
        for index in range { claims[CatalogKey(tools[index].name), default: 0] += 1 }
        while true {
            let colliding = renamed.filter { claims[CatalogKey(tools[$0].name), default: 0] > 1 }
            if colliding.isEmpty { return }
            for index in colliding {
                report.add(.overrideCollides(name: tools[index].name), kind: .tools, tools[index])
                claims[CatalogKey(tools[index].name), default: 0] -= 1
                claims[CatalogKey(tools[index].originalName), default: 0] += 1
                tools[index].name = tools[index].originalName
                tools[index].override = nil
            }
            renamed.removeAll(where: colliding.contains)
        }
    }
}
