/// One kind's items in their final order, rendered, with an index by name.
struct Shelf {
    let items: [NamedItem]
    let pages: ListPages
    let index: [CatalogKey: Int]

    init(_ kind: OfferKind, _ unsorted: [NamedItem]) {
        let keyed = unsorted.map { (key: CatalogKey($0.name), item: $0) }.sorted { $0.key < $1.key }
        let items = keyed.map(\.item)
        let keys = keyed.map(\.key)
        self.items = items
        pages = ListPages(kind, keys: keys) { ItemWriter.append(items[$0], to: &$1) }
        index = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
    }

    func map<Result>(_ body: (NamedItem, JSONSlice) -> Result) -> [Result] {
        items.indices.map { body(items[$0], pages.item($0)) }
    }

    /// What is shown, and where each item goes.
    func addContent(to hash: inout StableHash.Stream) {
        hash.add(pages.contentHash)
        for named in items {
            hash.add(Array(named.item.backend.utf8))
            hash.add(Array(named.item.originalName.utf8))
        }
    }
}
