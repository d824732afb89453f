import Gateway
import Synchronization

/// A search that finds the tools whose names contain a word of the description, in the catalogue's order.
final class PlainSearch: ToolSearch {
    struct Failure: Error, CustomStringConvertible { let description = "the index is on fire" }

    private let catalog = Mutex(Catalog())
    private let requests = Mutex<[ToolRequest]>([])

    var asked: [ToolRequest] { requests.withLock { $0 } }

    func update(_ catalog: Catalog) { self.catalog.withLock { $0 = catalog } }

    func search(
        _ request: ToolRequest, isPermitted: @escaping @Sendable (Catalog.Tool) -> Bool
    ) async throws -> ToolMatches {
        requests.withLock { $0.append(request) }
        if request.description == "burn" { throw Failure() }
        if request.description == "wait for ever" { try await Task.sleep(for: .seconds(3_600)) }
        let tools = catalog.withLock { $0.tools }.filter(isPermitted)
        let words = request.description.split(separator: " ")
        let found = tools.filter { tool in words.contains { tool.name.contains($0) } }
        return ToolMatches(
            matches: found.map { ToolMatch(tool: $0, score: 1, similarity: nil, keywords: 1) },
            searchedTokens: tools.reduce(0) { $0 + $1.tokens })
    }

    func stop() async {}
}

/// Everything but some tools.
struct AllBut: Policy {
    let denied: Set<String>
    func permitsCall(of tool: String, by principal: Principal) -> Bool {
        principal.subject == "root" || !denied.contains(tool)
    }
}
