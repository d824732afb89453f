import Synchronization

/// Makes each catalogue once: callers who are offered the same, to the byte, share one.
final class SharedCatalogs: Sendable {
    private struct Entry {
        let hash: UInt64
        let offers: [BackendOffer]
        let absences: Absences
        weak var catalog: Catalog?
        let report: AggregationReport
    }

    private let entries = Mutex<[Entry]>([])

    /// The catalogue of these offers, which lack what is said, made by `pipeline` unless somebody has it.
    func catalog(
        from offers: [BackendOffer], absences: Absences, by pipeline: Pipeline
    ) -> (Catalog, AggregationReport) {
        let offers = offers.sorted { $0.backend < $1.backend }
        let hash = Self.hash(of: offers)
        if let known = known(offers, absences, hash) { return known }
        let (catalog, report) = pipeline.catalog(from: offers, absences: absences)
        entries.withLock { entries in
            entries.removeAll { $0.catalog == nil }
            entries.append(Entry(hash: hash, offers: offers, absences: absences, catalog: catalog, report: report))
        }
        return (catalog, report)
    }

    /// How many different catalogues there are.
    var count: Int { entries.withLock { entries in entries.count { $0.catalog != nil } } }

    private func known(
        _ offers: [BackendOffer], _ absences: Absences, _ hash: UInt64
    ) -> (Catalog, AggregationReport)? {
        let candidates = entries.withLock { entries in
            entries.filter { $0.hash == hash && $0.absences == absences }
        }
        // A hash that somebody made collide must not show one caller what is another's.
        for candidate in candidates where candidate.offers.elementsEqual(offers, by: { $0.isEqual(to: $1) }) {
            if let catalog = candidate.catalog { return (catalog, candidate.report) }
        }
        return nil
    }

    private static func hash(of offers: [BackendOffer]) -> UInt64 {
        var stream = StableHash.Stream()
        for offer in offers {
            stream.add(Array(offer.backend.utf8))
            for kind in OfferKind.allCases {
                stream.add(UInt64(offer.items[kind]?.count ?? 0))
                for item in offer.items[kind] ?? [] { stream.add(item.array) }
            }
        }
        return stream.value
    }
}

extension BackendOffer {
    /// Whether a catalogue of either is one of the other.
    fileprivate func isEqual(to other: BackendOffer) -> Bool {
        guard backend == other.backend, failures == other.failures, hints == other.hints,
            isModern == other.isModern, servesTasks == other.servesTasks, items.keys == other.items.keys
        else { return false }
        return items.allSatisfy { kind, own in
            guard let others = other.items[kind], own.count == others.count else { return false }
            return zip(own, others).allSatisfy { $0.bytes == $1.bytes }
        }
    }
}
