package import Gateway
package import Logging
import Synchronization

/// The index over the tools of the catalogue: keywords in SQLite, vectors beside it.
///
/// A search sees one state of both. When the catalogue changes only what is new is indexed; searches wait for that, but
/// never for vectors, which come in the background.
package final class ToolIndex: ToolSearch {
    private struct State {
        var content = IndexContent()
        /// The catalogue that is to be taken next; of several only the last counts.
        var pending: Catalog?
        /// The last update, which searches wait for.
        var update: Task<Void, Never>?
    }

    private let settings: OptimizerSettings
    private let keywords: KeywordIndex
    private let vectors: ToolVectors?
    private let log: Logger
    private let state = Mutex(State())
    /// Those of the content; both change in one step of the keyword index, and are read in one.
    private let words = Mutex(WordScores())

    /// - Parameters:
    ///   - source: What makes vectors; `nil` searches by keywords.
    ///   - cacheFile: Where vectors are kept; `nil` keeps them in memory.
    /// - Throws: When SQLite cannot be used at all.
    package init(
        _ settings: OptimizerSettings, source: (any EmbeddingSource)? = nil, cacheFile: String? = nil,
        clock: GatewayClock = .system, log: Logger
    ) throws {
        self.settings = settings
        self.log = log
        keywords = try KeywordIndex(columns: settings.ranking == .hybrid ? 4 : 2)
        let store = try VectorStore(path: cacheFile, log: log)
        vectors = source.flatMap { source in
            settings.semanticRatio > 0
                ? ToolVectors(source, store: store, ranking: settings.ranking, clock: clock, log: log) : nil
        }
    }

    /// How far it is, for `/status`.
    package var status: SearchStatus {
        SearchStatus(
            ranking: settings.ranking.rawValue, tools: state.withLock { $0.content.tools.count },
            embedding: vectors?.status)
    }

    /// Returns when all tools have vectors, or when an attempt to make them has failed.
    package func settled() async {
        await state.withLock { $0.update }?.value
        await vectors?.settled()
    }

    package func stop() async { await vectors?.stop() }

    // MARK: - The catalogue

    package func update(_ catalog: Catalog) {
        state.withLock { state in
            state.pending = catalog
            let former = state.update
            state.update = Task { [self] in
                await former?.value
                await takePending()
            }
        }
    }

    private func takePending() async {
        let taken = state.withLock { state in
            defer { state.pending = nil }
            return state.pending.map { ($0, state.content) }
        }
        guard let (catalog, former) = taken else { return }
        let (content, change) = former.replaced(by: catalog)
        let documents = change.added.map { (position: $0, document: ToolDocument(content.tools[$0])) }
        let rows = documents.map { (row: content.rows[$0.position], texts: $0.document.columns(settings.ranking)) }
        do {
            try await keywords.change(removing: change.removed, adding: rows) { [self] in
                state.withLock { $0.content = content }
                words.withLock { $0.forget() }
                vectors?.take(content.tools, origins: change.origins)
            }
        } catch {
            log.error("The tools cannot be indexed, find_tool works on the former ones", metadata: ["why": "\(error)"])
        }
    }

    // MARK: - Searches

    package func search(
        _ request: ToolRequest, isPermitted: @escaping @Sendable (Catalog.Tool) -> Bool
    ) async throws -> ToolMatches {
        await state.withLock { $0.update }?.value
        let parts = settings.ranking == .hybrid ? RequestClauses.of(request.description) : []
        let queries = await vectors?.embed([request.description] + parts)
        return try await keywords.search { [self] lookup in
            let content = state.withLock { $0.content }
            let permitted = content.tools.map(isPermitted)
            let similarities = queries.flatMap { vectors?.similarities(to: $0) }
            let found = try ranked(
                request, parts, similarities, lookup, content, isPermitted: { permitted[$0] })
            let tokens = content.tools.indices.reduce(0) { permitted[$1] ? $0 + content.tools[$1].tokens : $0 }
            return ToolMatches(matches: found, searchedTokens: tokens)
        }
    }

    private func ranked(
        _ request: ToolRequest, _ parts: [String], _ similarities: [[Float]]?, _ lookup: KeywordIndex.Lookup,
        _ content: IndexContent, isPermitted: (Int) -> Bool
    ) throws -> [ToolMatch] {
        func signals(_ query: KeywordQuery, _ index: Int) throws -> QuerySignals {
            QuerySignals(
                keywords: try scores(query, lookup, content, isPermitted: isPermitted),
                similarities: similarities?[index])
        }
        let whole: QuerySignals
        let best: [(position: Int, score: Double)]
        switch settings.ranking {
        case .hybrid:
            whole = try signals(.hybrid(request.description, keywords: request.keywords), 0)
            best = HybridRanking(
                ratio: vectors == nil || similarities == nil ? 0 : settings.semanticRatio,
                distanceThreshold: settings.distanceThreshold, recipe: settings.recipe
            ).best(
                settings.maximum, of: content.tools.count, whole: whole,
                parts: try parts.enumerated().map { try signals(.hybrid($0.element), $0.offset + 1) },
                isPermitted: isPermitted)
        case .reference:
            whole = try signals(.reference(request.description, keywords: request.keywords), 0)
            best = ReferenceRanking(
                maximum: settings.maximum, ratio: settings.semanticRatio,
                distanceThreshold: settings.distanceThreshold, hasModel: similarities != nil
            ).best(whole, isPermitted: isPermitted)
        }
        return best.map { position, score in
            let similarity = similarities?[0][position]
            return ToolMatch(
                tool: content.tools[position], score: score,
                similarity: similarity.flatMap { $0.isNaN ? nil : Double($0) },
                keywords: whole.keywords.first { $0.position == position }?.score ?? 0)
        }
    }

    /// The best matches of a keyword query among permitted tools; of equal ones the first.
    private func scores(
        _ query: KeywordQuery, _ lookup: KeywordIndex.Lookup, _ content: IndexContent, isPermitted: (Int) -> Bool
    ) throws -> [(position: Int, score: Double)] {
        guard settings.semanticRatio < 1 || vectors == nil else { return [] }
        // bm25 of words joined with OR is the sum over the words.
        var sums = [Double](repeating: 0, count: content.tools.count)
        var positions: [Int] = []
        try words.withLock { words in
            for word in query.words {
                let found = try words.of(word) {
                    try lookup.scores(KeywordQuery.match(word)).compactMap { row, score in
                        content.position(of: row).map { (Int32($0), score) }
                    }
                }
                for (position, score) in found {
                    let position = Int(position)
                    if sums[position] == 0 { positions.append(position) }
                    sums[position] += score
                }
            }
        }
        let found = positions.filter(isPermitted)
        let limit = HybridRanking.keywordLimit
        guard found.count > limit else { return found.map { ($0, sums[$0]) } }
        let least = found.map { sums[$0] }.sorted(by: >)[limit - 1]
        let better = found.filter { sums[$0] > least }
        let equal = found.filter { sums[$0] == least }.sorted().prefix(limit - better.count)
        return (better + equal).map { ($0, sums[$0]) }
    }
}
