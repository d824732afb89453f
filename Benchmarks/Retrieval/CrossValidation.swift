import Foundation
import Gateway

/// Whether tuning was more than luck: the recipe that is best on four fifths of the queries is judged by the last fifth, for
/// each fifth in turn, and that with twenty divisions of the queries.
struct CrossValidation {
    private static let (folds, repetitions) = (5, 20)

    /// The recipes that are tried.
    static let grid: [HybridRanking.Recipe] = [0.015, 0.0175, 0.02, 0.0225, 0.025].flatMap { weight in
        [0.3, 0.4, 0.5, 0.6].map { share in
            var recipe = HybridRanking.Recipe()
            (recipe.keywordWeight, recipe.partShare) = (weight, share)
            return recipe
        }
    }

    private var tried: [(recipe: HybridRanking.Recipe, answers: [Answer])] = []

    /// - Parameter answers: To all queries, in the same order for every recipe.
    mutating func add(_ answers: [Answer], of recipe: HybridRanking.Recipe) { tried.append((recipe, answers)) }

    /// Two tables.
    func report() -> String {
        var lines = [
            "\n### Recipes of the hybrid ranking\n",
            "| keyword weight | share of parts | LIVE recall@8 | MACRO recall@8 | MACRO nDCG@8 |",
            "| ---: | ---: | ---: | ---: | ---: |",
        ]
        for (recipe, answers) in tried {
            let row = Self.row(Self.scores(answers))
            lines.append("| \(recipe.keywordWeight) | \(recipe.partShare) | \(row) |")
        }
        let (judged, chosen) = validated()
        lines += [
            "\n### The best of four fifths, judged by the last fifth\n",
            "| LIVE recall@8 | MACRO recall@8 | MACRO nDCG@8 |", "| ---: | ---: | ---: |", "| \(Self.row(judged)) |",
            "",
            "Chosen most often: keyword weight \(chosen.recipe.keywordWeight), share \(chosen.recipe.partShare), in "
                + "\(chosen.count) of \(Self.folds * Self.repetitions).",
        ]
        return lines.joined(separator: "\n")
    }

    private func validated() -> (judged: [Double], chosen: (recipe: HybridRanking.Recipe, count: Int)) {
        guard let first = tried.first?.answers else { return ([0, 0, 0], (HybridRanking.Recipe(), 0)) }
        var random = Numbers(state: 1)
        var wins: [HybridRanking.Recipe: Int] = [:]
        var sums = [0.0, 0.0, 0.0]
        for _ in 0..<Self.repetitions {
            // Each source is divided evenly.
            var fold = [Int](repeating: 0, count: first.count)
            for positions in Dictionary(grouping: first.indices, by: { first[$0].source }).sorted(by: {
                $0.key < $1.key
            }) {
                for (place, position) in positions.value.shuffled(using: &random).enumerated() {
                    fold[position] = place % Self.folds
                }
            }
            var judged: [Answer] = []
            for held in 0..<Self.folds {
                let best = tried.max { quality($0.answers, fold, held) < quality($1.answers, fold, held) }
                guard let best else { continue }
                wins[best.recipe, default: 0] += 1
                judged += best.answers.indices.filter { fold[$0] == held }.map { best.answers[$0] }
            }
            sums = zip(sums, Self.scores(judged)).map { $0 + $1 }
        }
        let most = wins.max { ($0.value, $1.key.keywordWeight) < ($1.value, $0.key.keywordWeight) }
        return (
            sums.map { $0 / Double(Self.repetitions) }, most.map { ($0.key, $0.value) } ?? (HybridRanking.Recipe(), 0)
        )
    }

    /// MACRO recall@8 and nDCG@8 of all but one fold.
    private func quality(_ answers: [Answer], _ fold: [Int], _ held: Int) -> Double {
        Self.scores(answers.indices.filter { fold[$0] != held }.map { answers[$0] }).dropFirst().reduce(0, +)
    }

    /// LIVE recall@8, MACRO recall@8, MACRO nDCG@8.
    private static func scores(_ answers: [Answer]) -> [Double] {
        let bySource = Dictionary(grouping: answers, by: \.source).mapValues { $0.map(\.metrics) }
        guard let (live, macro) = Metrics.summary(bySource) else { return [0, 0, 0] }
        return [live.values[2], macro.values[2], macro.values[4]]
    }

    private static func row(_ values: [Double]) -> String {
        values.map { String(format: "%.1f", $0) }.joined(separator: " | ")
    }

    /// The same numbers in every run (SplitMix64).
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return bits ^ (bits >> 31)
        }
    }
}
