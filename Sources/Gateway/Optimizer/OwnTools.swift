/// The tools of one caller's catalogue by where they come from. The index holds the tools of all callers, under names that
/// they have where all are seen; a caller who sees fewer may know one by a shorter name.
struct OwnTools: Sendable {
    private struct Origin: Hashable, Sendable {
        let backend: String
        let name: String
    }

    private let tools: [Origin: Catalog.Tool]

    init(_ catalog: Catalog) {
        tools = Dictionary(
            catalog.tools.map { (Origin(backend: $0.backend, name: $0.originalName), $0) }, uniquingKeysWith: { $1 })
    }

    /// The tool as the caller sees it; `nil` when it is not to be seen.
    func tool(like tool: Catalog.Tool) -> Catalog.Tool? {
        tools[Origin(backend: tool.backend, name: tool.originalName)]
    }
}

extension ToolMatch {
    /// The match as its caller sees it.
    func own(_ tools: OwnTools) -> ToolMatch? {
        tools.tool(like: tool).map {
            ToolMatch(tool: $0, score: score, similarity: similarity, keywords: keywords)
        }
    }
}
