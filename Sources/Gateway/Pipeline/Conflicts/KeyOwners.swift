/// Resources and templates are never renamed: of several backends that offer the same, the first by name has it.
struct KeyOwners {
    let kind: OfferKind

    /// - Parameter items: Sorted by backend.
    func settle(_ items: [OfferedItem], _ report: inout AggregationReport) -> [NamedItem] {
        var owners = [CatalogKey: String](minimumCapacity: items.count)
        return items.compactMap { item in
            if let owner = owners[CatalogKey(item.name)] {
                report.add(.keyTaken(by: owner), kind: kind, item)
                return nil
            }
            owners[CatalogKey(item.name)] = item.backend
            return NamedItem(item: item, name: item.name)
        }
    }
}
