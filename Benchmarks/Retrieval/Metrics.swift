import Foundation

/// How good the answer to one query is, or the mean of many.
struct Metrics {
    static let names = ["recall@1", "recall@5", "recall@8", "MRR@8", "nDCG@8", "save"]

    var values: [Double]

    /// - Parameters:
    ///   - gold: Ids of the right tools.
    ///   - found: Ids, best first.
    ///   - equivalents: By id: tools that count as it.
    init(gold: [String], found: [String], equivalents: [String: Set<String>], saved: Double) {
        var open = gold
        let hits = found.map { id in
            guard let index = open.firstIndex(where: { $0 == id || equivalents[$0]?.contains(id) == true }) else {
                return false
            }
            open.remove(at: index)
            return true
        }
        func recall(_ count: Int) -> Double { Double(hits.prefix(count).count { $0 }) / Double(gold.count) }
        func gain(_ position: Int) -> Double { 1 / log2(Double(position) + 2) }
        let first = hits.prefix(8).firstIndex(of: true).map { 1 / Double($0 + 1) } ?? 0
        let gained = hits.prefix(8).enumerated().reduce(0) { $1.element ? $0 + gain($1.offset) : $0 }
        let ideal = (0..<min(gold.count, 8)).reduce(0) { $0 + gain($1) }
        values = [recall(1), recall(5), recall(8), first, gained / ideal, saved].map { $0 * 100 }
    }

    init(mean of: [Metrics]) {
        values = Self.names.indices.map { index in
            of.reduce(0) { $0 + $1.values[index] } / Double(max(1, of.count))
        }
    }

    /// LIVE, the mean of the sources over real servers, and MACRO, the mean of LIVE and the other sources; `nil` without such
    /// servers.
    static func summary(_ bySource: [String: [Metrics]]) -> (live: Metrics, macro: Metrics)? {
        let means = bySource.mapValues(Metrics.init(mean:))
        let live = means.filter { $0.key.hasPrefix("live-") }.map(\.value)
        guard !live.isEmpty else { return nil }
        let mean = Metrics(mean: live)
        return (mean, Metrics(mean: means.filter { !$0.key.hasPrefix("live-") }.map(\.value) + [mean]))
    }
}

/// The answer to one query.
struct Answer {
    let source: String
    let metrics: Metrics
}
