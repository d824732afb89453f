/// What a caller looks for.
package struct ToolRequest: Sendable, Equatable {
    /// What is to be done, in words.
    package var description: String
    /// Words that should occur.
    package var keywords: [String]

    package init(description: String, keywords: [String] = []) {
        self.description = description
        self.keywords = keywords
    }
}

/// A tool that was found.
package struct ToolMatch: Sendable {
    package let tool: Catalog.Tool
    /// Higher is better; comparable within one search only.
    package let score: Double
    /// Cosine similarity of the whole request; `nil` when it was not compared.
    package let similarity: Double?
    /// −bm25 of the whole request; 0 when no word matches.
    package let keywords: Double

    package init(tool: Catalog.Tool, score: Double, similarity: Double?, keywords: Double) {
        self.tool = tool
        self.score = score
        self.similarity = similarity
        self.keywords = keywords
    }
}

/// What a search found, and among what.
package struct ToolMatches: Sendable {
    /// Best first.
    package var matches: [ToolMatch]
    /// Sum of the tokens of all tools the caller may see.
    package var searchedTokens: Int

    package init(matches: [ToolMatch], searchedTokens: Int) {
        self.matches = matches
        self.searchedTokens = searchedTokens
    }
}

/// The index over the tools of the catalogue; the host implements it.
package protocol ToolSearch: AnyObject, Sendable {
    /// Takes the catalogue that searches from now on are about. Returns at once; searches wait for it.
    func update(_ catalog: Catalog)
    /// The best tools among those that `isPermitted` admits; the others have no part in it.
    func search(
        _ request: ToolRequest, isPermitted: @escaping @Sendable (Catalog.Tool) -> Bool
    ) async throws -> ToolMatches
    /// Ends what it does in the background.
    func stop() async
}

extension Catalog.Tool {
    /// The tokens that its definition costs a client, about: a quarter of its bytes.
    package var tokens: Int { json.range.count / 4 }
}
