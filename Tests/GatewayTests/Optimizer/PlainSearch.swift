import Gateway
import Synchronization

/// A search that finds the tools whose names contain a word of the description, in the catalogue's order.
final class PlainSearch: ToolSearch {
    struct Failure: Error, CustomStringConvertible { let description = "the index is on fire" }

    private struct State {
        var catalog = Catalog()
        var watchers: [(@Sendable (Catalog) -> Bool, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let requests = Mutex<[ToolRequest]>([])

    var asked: [ToolRequest] { requests.withLock { $0 } }

    func update(_ catalog: Catalog) {
        let ready = state.withLock { state in
            state.catalog = catalog
            defer { state.watchers.removeAll { $0.0(catalog) } }
            return state.watchers.filter { $0.0(catalog) }.map(\.1)
        }
        for one in ready { one.resume() }
    }

    /// Waits until a catalogue fits.
    func until(_ condition: @escaping @Sendable (Catalog) -> Bool) async {
        await withCheckedContinuation { continuation in
            let holds = state.withLock { state in
                if !condition(state.catalog) { state.watchers.append((condition, continuation)) }
                return condition(state.catalog)
            }
            if holds { continuation.resume() }
        }
    }

    func search(
        _ request: ToolRequest, isPermitted: @escaping @Sendable (Catalog.Tool) -> Bool
    ) async throws -> ToolMatches {
        requests.withLock { $0.append(request) }
        if request.description == "burn" { throw Failure() }
        if request.description == "wait for ever" { try await Task.sleep(for: .seconds(3_600)) }
        let tools = state.withLock { $0.catalog.tools }.filter(isPermitted)
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
