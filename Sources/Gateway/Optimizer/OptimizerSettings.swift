/// What the configuration decides about `find_tool` and `call_tool` (`optimizer`).
package struct OptimizerSettings: Sendable, Equatable {
    /// How tools are ranked.
    package enum Ranking: String, Sendable, CaseIterable {
        /// Keywords and meaning in one score, and the parts of a compound request beside the whole.
        case hybrid
        /// As ToolHive 0.44 ranks: so many by meaning, then so many by keywords.
        case reference
    }

    /// Default ``Ranking/hybrid``.
    package var ranking = Ranking.hybrid
    /// Most tools that `find_tool` returns: 1 to 50, default 8.
    package var maximum = 8
    /// 0 (keywords only) to 1 (meaning only), default 0.5.
    package var semanticRatio = 0.5
    /// Largest cosine distance of what is found by meaning: 0 to 2, default 1.
    package var distanceThreshold = 1.0
    /// Of ``Ranking/hybrid``. No field of the configuration: it belongs to how texts are searched, not to a catalogue.
    package var recipe = HybridRanking.Recipe()
    /// Names, as clients see them, of tools that stay visible beside the two.
    package var pinned: Set<String> = []

    package init() {}
}
