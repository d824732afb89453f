/// Puts the backend's prefix before every name, or before those that several backends offer.
///
/// Tools and prompts alike. A hidden tool counts as offered: workflows use it by its name.
struct PrefixResolution: ConflictResolution {
    let prefix: NamePrefix
    let mode: AggregationSettings.PrefixMode

    func proposals(for items: [OfferedItem]) -> [NameProposal] {
        let claims = mode == .onConflict ? claims(on: items) : [:]
        var cursor = NamePrefix.Cursor(prefix)
        return items.map { item in
            if mode == .onConflict, claims[CatalogKey(item.name), default: []].count == 1 { return .bare(item.name) }
            return .generated(cursor.name(of: item))
        }
    }
}
