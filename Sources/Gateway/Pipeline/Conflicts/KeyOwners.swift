/// Of several backends that offer the same resource or template, the first by name has it as it is; those of the others
/// are rewritten (``RewrittenURI``), so each has a name of its own.
struct KeyOwners {
    let kind: OfferKind

    /// - Parameter items: Sorted by backend.
    func settle(_ items: [OfferedItem], _ report: inout AggregationReport) -> [NamedItem] {
        var owners = [CatalogKey: String](minimumCapacity: items.count)
        return items.map { item in
            func rewritten(_ cause: AggregationCause) -> NamedItem {
                let name = RewrittenURI.prefix(of: item.backend) + item.name
                report.add(cause, kind: kind, item, as: name)
                return NamedItem(item: item, name: name)
            }
            // A backend could claim a name that is made for another one, or that a client knows as that.
            if RewrittenURI(item.name) != nil { return rewritten(.reservedURI) }
            if let owner = owners[CatalogKey(item.name)] { return rewritten(.sharedURI(with: owner)) }
            owners[CatalogKey(item.name)] = item.backend
            return NamedItem(item: item, name: item.name)
        }
    }
}
