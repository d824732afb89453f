/// Prompts under the priority strategy: backends in the order keep bare names, all others always get the prefix.
///
/// A collision between backends of the order goes to the highest. One that involves another backend cannot be ranked,
/// so nobody gets the name: it may have been chosen to take over a prompt.
struct PromptPriorityResolution: ConflictResolution {
    let prefix: NamePrefix
    private let shortenNames: Bool
    private let ranks: [String: Int]

    /// - Parameter order: Backend names, highest first; of a repeated one the first place counts.
    init(order: [String], prefix: NamePrefix, shortenNames: Bool) {
        self.prefix = prefix
        self.shortenNames = shortenNames
        ranks = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func proposals(for items: [OfferedItem]) -> [NameProposal] {
        var cursor = NamePrefix.Cursor(prefix)
        var names = items.map { ranks[$0.backend] == nil ? cursor.name(of: $0) : $0.name }
        let full = names
        // Shortened names can be claimed on purpose like prefixed ones, so they are compared in that form.
        if shortenNames { names = names.map { NameGuard.shortened($0) } }
        var claims: [CatalogKey: [Int]] = [:]
        for index in items.indices { claims[CatalogKey(names[index]), default: []].append(index) }
        return items.indices.map { index in
            let claimants = claims[CatalogKey(names[index]), default: []]
            if claimants.count > 1 {
                let ranked = claimants.compactMap { claimant in ranks[items[claimant].backend].map { ($0, claimant) } }
                guard ranked.count == claimants.count, let winner = ranked.min(by: { $0.0 < $1.0 })?.1 else {
                    return .dropped(.unrankable(backends: claimants.map { items[$0].backend }))
                }
                if winner != index { return .dropped(.lostPriority(to: items[winner].backend)) }
            }
            return ranks[items[index].backend] == nil ? .generated(full[index]) : .bare(full[index])
        }
    }
}
