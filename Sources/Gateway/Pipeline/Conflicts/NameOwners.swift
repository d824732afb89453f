/// Last stage of naming: keeps names to what clients accept and gives each name one owner.
///
/// Generated names (prefixed, shortened) come before bare ones, because a backend can claim a bare name on purpose:
/// `evil` that offers `github_deploy` must not get the place of `github`'s `deploy`. Among equals
/// the first backend by name wins. Losers are dropped: under another name no policy would know them.
struct NameOwners {
    let kind: OfferKind
    let shortenNames: Bool

    private struct Claim {
        let index: Int
        let wanted: String
        var name: String
        var isShortened: Bool { name.utf8.count != wanted.utf8.count || name != wanted }
    }

    /// - Parameters:
    ///   - items: Sorted by backend.
    ///   - proposals: One for each item.
    /// - Returns: The owners in the order given, each name once.
    func settle(
        _ items: [OfferedItem], _ proposals: [NameProposal], _ report: inout AggregationReport
    ) -> [NamedItem] {
        var generated: [Claim] = []
        var bare: [Claim] = []
        for (index, proposal) in proposals.enumerated() {
            switch proposal {
            case .dropped(let cause): report.add(cause, kind: kind, items[index])
            case .generated(let name): generated.append(claim(index, name))
            case .bare(let name):
                let claim = claim(index, name)
                if claim.isShortened { generated.append(claim) } else { bare.append(claim) }
            }
        }
        var owners = [CatalogKey: Claim](minimumCapacity: items.count)
        var names = [String?](repeating: nil, count: items.count)
        for var claim in [generated, bare].joined() {
            guard let owner = take(&claim, &owners) else {
                names[claim.index] = claim.name
                continue
            }
            report.add(.nameTaken(by: items[owner.index].backend), kind: kind, items[claim.index])
        }
        return items.indices.compactMap { index in
            guard let name = names[index] else { return nil }
            note(items[index], proposals[index], name, &report)
            return NamedItem(item: items[index], name: name)
        }
    }

    private func claim(_ index: Int, _ wanted: String) -> Claim {
        Claim(index: index, wanted: wanted, name: shortenNames ? NameGuard.shortened(wanted) : wanted)
    }

    /// Makes the claim the owner of its name, or returns the owner that was there before.
    ///
    /// Two different long names can have the same short form; then the second one tries another hash, so that no tool
    /// is lost to chance.
    private func take(_ claim: inout Claim, _ owners: inout [CatalogKey: Claim]) -> Claim? {
        var attempt = 0
        while true {
            let key = CatalogKey(claim.name)
            guard let owner = owners[key] else {
                owners[key] = claim
                return nil
            }
            guard claim.isShortened, CatalogKey(owner.wanted) != CatalogKey(claim.wanted), attempt < 16 else {
                return owner
            }
            attempt += 1
            claim.name = NameGuard.shortened(claim.wanted, attempt: attempt)
        }
    }

    private func note(
        _ item: OfferedItem, _ proposal: NameProposal, _ name: String, _ report: inout AggregationReport
    ) {
        switch proposal {
        case .generated(let wanted):
            report.add(.prefixed, kind: kind, item, as: name)
            if wanted != name { report.add(.shortened(from: wanted), kind: kind, item, as: name) }
        case .bare(let wanted):
            // The manual strategy applies overrides a second time, to names that overrides led to.
            if wanted != item.name { report.add(.overridden(members: ["name"]), kind: kind, item, as: name) }
            if wanted != name { report.add(.shortened(from: wanted), kind: kind, item, as: name) }
        case .dropped: break
        }
    }
}
