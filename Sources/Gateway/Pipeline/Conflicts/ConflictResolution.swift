/// What a strategy wants to call an item.
enum NameProposal: Sendable, Equatable {
    /// The name that the backend, or an override, gives it.
    case bare(String)
    /// A name that the gateway made of it.
    case generated(String)
    /// Not shown and not routable.
    case dropped(AggregationCause)
}

/// Tells items of one name apart.
protocol ConflictResolution: Sendable {
    /// - Parameter items: Sorted by backend; names are distinct inside a backend.
    /// - Returns: A proposal for each item, in the order given. Ties are settled by backend name, so equal input gives
    ///   equal output. Proposed names may still collide with each other: ``NameOwners`` has the last word.
    func proposals(for items: [OfferedItem]) -> [NameProposal]
}

extension ConflictResolution {
    /// The indices of the items of each name, ascending.
    func claims(on items: [OfferedItem]) -> [CatalogKey: [Int]] {
        var claims = [CatalogKey: [Int]](minimumCapacity: items.count)
        for index in items.indices { claims[CatalogKey(items[index].name), default: []].append(index) }
        return claims
    }
}
