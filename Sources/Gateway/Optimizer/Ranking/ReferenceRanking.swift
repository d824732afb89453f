/// How ToolHive 0.44 ranks: the best by meaning, then the best by keywords that are not among them. The two are not fused,
/// and an arm that finds little is not filled up by the other.
package struct ReferenceRanking: Sendable {
    /// Most results of each arm.
    package let semanticLimit: Int
    package let keywordLimit: Int
    private let maximum: Int
    private let leastSimilarity: Double

    /// - Parameter hasModel: Without one, all results are by keywords.
    package init(maximum: Int, ratio: Double, distanceThreshold: Double, hasModel: Bool) {
        self.maximum = maximum
        // Half away from zero: 7 · 0.5 is 4.
        semanticLimit = hasModel ? Int((Double(maximum) * ratio).rounded(.toNearestOrAwayFromZero)) : 0
        keywordLimit = maximum - semanticLimit
        leastSimilarity = 1 - distanceThreshold
    }

    /// The positions of the best tools, best first, with the score of the arm that found each.
    package func best(_ signals: QuerySignals, isPermitted: (Int) -> Bool) -> [(position: Int, score: Double)] {
        var found: [(position: Int, score: Double)] = []
        if semanticLimit > 0, let similarities = signals.similarities {
            let near = similarities.indices.filter { position in
                !similarities[position].isNaN && Double(similarities[position]) >= leastSimilarity
                    && isPermitted(position)
            }
            found = near.sorted { (similarities[$0], $1) > (similarities[$1], $0) }.prefix(semanticLimit)
                .map { ($0, Double(similarities[$0])) }
        }
        let semantic = Set(found.map(\.position))
        let keywords = signals.keywords.filter { isPermitted($0.position) }
            .sorted { ($0.score, $1.position) > ($1.score, $0.position) }.prefix(keywordLimit)
        found += keywords.filter { !semantic.contains($0.position) }
        return Array(found.prefix(maximum))
    }
}
