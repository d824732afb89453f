import Synchronization

/// The header parameters of the tools of one catalogue, each schema searched once.
final class HeaderParameterIndex: Sendable {
    private struct State {
        var catalog: Catalog?
        var tools: [String: [HeaderParameter]] = [:]
    }

    private let state = Mutex(State())

    func parameters(ofTool name: String, in catalog: Catalog) -> [HeaderParameter] {
        let known = state.withLock { $0.catalog === catalog ? $0.tools[name] : nil }
        if let known { return known }
        guard let schema = (catalog.lists(tool: name) ? catalog.tool(named: name) : nil)?.json["inputSchema"] else {
            return []
        }
        let found = HeaderParameter.all(inSchema: schema)
        state.withLock { state in
            if state.catalog !== catalog { state = State(catalog: catalog) }
            state.tools[name] = found
        }
        return found
    }
}
