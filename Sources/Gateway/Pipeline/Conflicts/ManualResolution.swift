/// Leaves every name to the overrides: no name is made up.
///
/// A name that several backends offer needs an override of each of them under that name, which then applies. Where one
/// is missing, or the new names collide, the conflict is an error at start and in a validation. A gateway that runs
/// already (a backend may add a tool at any time) withholds the tools of that name and serves the rest: nobody gets a
/// tool that could be the wrong one, and one new tool does not stop all others.
struct ManualResolution: ConflictResolution {
    /// Overrides by backend and tool name.
    let overrides: [String: [String: AggregationSettings.Override]]

    func proposals(for items: [OfferedItem]) -> [NameProposal] {
        var names = items.map(\.name)
        var unsettled: Set<Int> = []
        for claimants in claims(on: items).values where claimants.count > 1 {
            let replacements = claimants.map { overrides[items[$0].backend]?[items[$0].name] }
            guard !replacements.contains(where: { $0 == nil }) else {
                unsettled.formUnion(claimants)
                continue
            }
            for (index, replacement) in zip(claimants, replacements) {
                if let name = replacement?.name, !name.isEmpty { names[index] = name }
            }
        }
        var owners: [CatalogKey: [Int]] = [:]
        for index in items.indices { owners[CatalogKey(names[index]), default: []].append(index) }
        return items.indices.map { index in
            let name = names[index]
            let claimants = owners[CatalogKey(name), default: []]
            guard unsettled.contains(index) || claimants.count > 1 else { return .bare(name) }
            return .dropped(.unresolved(name: name, backends: distinctBackends(of: claimants, in: items)))
        }
    }

    private func distinctBackends(of indices: [Int], in items: [OfferedItem]) -> [String] {
        var backends: [String] = []
        for index in indices where backends.last != items[index].backend { backends.append(items[index].backend) }
        return backends
    }
}
