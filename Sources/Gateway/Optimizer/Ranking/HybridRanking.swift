/// What is known about the tools for one text: keywords for some, and similarity for all or none.
package struct QuerySignals: Sendable {
    /// −bm25 by the tool's position; higher is better. Each position once.
    package var keywords: [(position: Int, score: Double)]
    /// Cosine similarity by position, NaN for a tool without a vector; `nil` when meaning is not compared.
    package var similarities: [Float]?

    package init(keywords: [(position: Int, score: Double)], similarities: [Float]? = nil) {
        self.keywords = keywords
        self.similarities = similarities
    }
}

/// The default ranking: similarity + 0.02 · keywords, and for compound requests half of the whole + half of the best part.
///
/// bm25 is not normalised: how rare the words are that match says how much they count beside the similarity.
package struct HybridRanking: Sendable {
    /// The two numbers that were tuned on the development queries of the benchmark (`bench-retrieval --cross-validate`).
    package struct Recipe: Sendable, Hashable {
        /// What one unit of bm25 counts beside cosine similarity.
        package var keywordWeight = 0.02
        /// The share of the best part in the score of a compound request; the rest is that of the whole.
        package var partShare = 0.5

        package init() {}
    }

    /// Most matches of one keyword query that count.
    package static let keywordLimit = 400

    private let semanticWeight: Double
    private let keywordWeight: Double
    private let partShare: Double
    private let leastSimilarity: Double

    /// - Parameter ratio: 0 is keywords only, 1 meaning only, 0.5 both as they are.
    package init(ratio: Double, distanceThreshold: Double, recipe: Recipe = Recipe()) {
        semanticWeight = min(1, 2 * ratio)
        keywordWeight = recipe.keywordWeight * min(1, 2 * (1 - ratio))
        partShare = recipe.partShare
        leastSimilarity = 1 - distanceThreshold
    }

    /// The positions of the best tools, best first; of equal ones the first in the catalogue's order.
    /// - Parameters:
    ///   - tools: How many there are.
    ///   - isPermitted: By position.
    package func best(
        _ limit: Int, of tools: Int, whole: QuerySignals, parts: [QuerySignals], isPermitted: (Int) -> Bool
    ) -> [(position: Int, score: Double)] {
        var scores = scores(whole, tools)
        if !parts.isEmpty {
            var best = self.scores(parts[0], tools)
            for part in parts.dropFirst() {
                let other = self.scores(part, tools)
                for position in 0..<tools where other[position] > best[position] { best[position] = other[position] }
            }
            for position in 0..<tools {
                scores[position] = (1 - partShare) * scores[position] + partShare * best[position]
            }
        }
        return BestFew.of(scores, limit, where: isPermitted)
    }

    /// By position; −∞ for a tool that nothing speaks for. A compound request takes that for 0.
    private func scores(_ signals: QuerySignals, _ tools: Int) -> [Double] {
        var scores = [Double](repeating: 0, count: tools)
        if let similarities = signals.similarities, semanticWeight > 0 {
            let substitute = Double(usual(similarities, signals.keywords))
            for position in 0..<tools {
                let value = Double(similarities[position])
                let known = value.isNaN ? substitute : value
                if known >= leastSimilarity { scores[position] = semanticWeight * known }
            }
        }
        if keywordWeight > 0 {
            for (position, score) in signals.keywords { scores[position] += keywordWeight * score }
        }
        return scores
    }

    /// What stands for the similarity of a tool that has no vector yet: the mean of those whose words match too, so that
    /// words decide between them.
    private func usual(_ similarities: [Float], _ keywords: [(position: Int, score: Double)]) -> Float {
        var (sum, count) = (Float(0), 0)
        for (position, _) in keywords where !similarities[position].isNaN {
            sum += similarities[position]
            count += 1
        }
        return count > 0 ? sum / Float(count) : 0
    }
}

/// The few best of many.
package enum BestFew {
    /// Positions with positive scores, best first; of equal ones the first.
    static func of(
        _ scores: [Double], _ limit: Int, where isPermitted: (Int) -> Bool
    ) -> [(position: Int, score: Double)] {
        var best: [(position: Int, score: Double)] = []
        best.reserveCapacity(limit + 1)
        for position in scores.indices {
            let score = scores[position]
            guard score > 0, best.count < limit || score > best[best.count - 1].score, isPermitted(position) else {
                continue
            }
            var place = best.count
            while place > 0, best[place - 1].score < score { place -= 1 }
            best.insert((position, score), at: place)
            if best.count > limit { best.removeLast() }
        }
        return best
    }
}
