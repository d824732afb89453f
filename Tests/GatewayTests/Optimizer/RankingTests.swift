import Gateway
import Testing

@Suite("Ranking of tools")
struct RankingTests {
    private func best(
        _ whole: QuerySignals, parts: [QuerySignals] = [], ratio: Double = 0.5, threshold: Double = 1, limit: Int = 8,
        tools: Int = 4, hidden: Set<Int> = []
    ) -> [Int] {
        HybridRanking(ratio: ratio, distanceThreshold: threshold)
            .best(limit, of: tools, whole: whole, parts: parts) { !hidden.contains($0) }.map(\.position)
    }

    @Test("Similarity and keywords make one score; the ratio moves from one to the other")
    func ratio() {
        // By meaning 2 is first, by words 0; 5 of bm25 count as 0.1 of similarity.
        let signals = QuerySignals(keywords: [(0, 20), (1, 5)], similarities: [0.2, 0.45, 0.5, 0.1])
        #expect(best(signals) == [0, 1, 2, 3])
        #expect(best(signals, ratio: 0) == [0, 1])
        #expect(best(signals, ratio: 1) == [2, 1, 0, 3])
        #expect(best(signals, ratio: 0.7) == [1, 2, 0, 3])
        #expect(best(QuerySignals(keywords: [(3, 1), (0, 2)])) == [0, 3])
    }

    @Test("Equal scores keep the catalogue's order, and the limit cuts")
    func ties() {
        let signals = QuerySignals(keywords: [(3, 1), (1, 1), (0, 1), (2, 1)])
        #expect(best(signals) == [0, 1, 2, 3])
        #expect(best(signals, limit: 2) == [0, 1])
        #expect(best(signals, limit: 2, hidden: [0]) == [1, 2])
        #expect(best(QuerySignals(keywords: [])) == [])
    }

    @Test("The best part of a compound request counts beside the whole")
    func parts() {
        let whole = QuerySignals(keywords: [(0, 10), (1, 7), (2, 4)])
        let parts = [QuerySignals(keywords: [(2, 10)]), QuerySignals(keywords: [(1, 2)])]
        // 0: 5, 1: 3.5 + 1, 2: 2 + 5.
        #expect(best(whole, parts: parts) == [2, 0, 1])
    }

    @Test("What is farther than the threshold is found by keywords alone")
    func threshold() {
        let signals = QuerySignals(keywords: [(3, 1)], similarities: [0.9, 0.4, -0.1, -0.2])
        #expect(best(signals) == [0, 1, 3])
        #expect(best(signals, threshold: 0.5) == [0, 3])
    }

    @Test("A tool without a vector is ranked by its words among those that have some")
    func unknownVectors() {
        let signals = QuerySignals(keywords: [(0, 5), (1, 1), (2, 9)], similarities: [0.6, 0.4, .nan, .nan])
        // 2: mean 0.5 + 0.18; 3 has neither.
        #expect(best(signals) == [0, 2, 3, 1])
    }

    @Test(
        "The reference splits its results between the arms and fills none up",
        arguments: [
            (8, 0.5, true, [2, 1, 0, 3]), (2, 0.5, true, [2, 0]), (3, 0.5, true, [2, 1, 0]), (8, 0, true, [0, 3]),
            (8, 1, true, [2, 1, 0]), (8, 0.5, false, [0, 3]), (1, 0.5, true, [2]),
        ] as [(Int, Double, Bool, [Int])])
    func reference(maximum: Int, ratio: Double, hasModel: Bool, expected: [Int]) {
        let ranking = ReferenceRanking(maximum: maximum, ratio: ratio, distanceThreshold: 1, hasModel: hasModel)
        let signals = QuerySignals(
            keywords: [(3, 1), (0, 2)], similarities: hasModel ? [0.1, 0.2, 0.5, -0.5] : nil)
        #expect(ranking.best(signals) { _ in true }.map(\.position) == expected)
    }

    @Test("Half a result rounds away from zero")
    func rounding() {
        #expect(ReferenceRanking(maximum: 7, ratio: 0.5, distanceThreshold: 1, hasModel: true).semanticLimit == 4)
    }
}
