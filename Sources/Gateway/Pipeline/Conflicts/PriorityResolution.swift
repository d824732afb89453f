/// Gives a tool's name to the backend that stands highest in an order, and drops the other claimants.
///
/// They are dropped and not renamed because policies name tools by their advertised names: a rule against `deploy`
/// would not match `prod_deploy`. If no claimant is in the order, each gets the configured prefix.
struct PriorityResolution: ConflictResolution {
    let prefix: NamePrefix
    private let ranks: [String: Int]

    /// - Parameter order: Backend names, highest first; of a repeated one the last place counts.
    init(order: [String], prefix: NamePrefix) {
        self.prefix = prefix
        ranks = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
    }

    func proposals(for items: [OfferedItem]) -> [NameProposal] {
        var proposals = items.map { NameProposal.bare($0.name) }
        var cursor = NamePrefix.Cursor(prefix)
        let claims = claims(on: items)
        for index in items.indices {
            let claimants = claims[CatalogKey(items[index].name), default: []]
            guard claimants.count > 1 else { continue }
            let ranked = claimants.compactMap { claimant in ranks[items[claimant].backend].map { ($0, claimant) } }
            if let winner = ranked.min(by: { $0.0 < $1.0 })?.1 {
                if winner != index { proposals[index] = .dropped(.lostPriority(to: items[winner].backend)) }
            } else {
                proposals[index] = .generated(cursor.name(of: items[index]))
            }
        }
        return proposals
    }
}
