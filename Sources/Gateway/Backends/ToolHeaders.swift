import Synchronization

/// Which arguments of a backend's tools go into headers as well, by the backend's own names: found once when the tools are
/// listed, not for every call (2026-07-28, Transports, `x-mcp-header`).
final class ToolHeaders: Sendable {
    private let tools = Mutex<[String: [HeaderParameter]]>([:])

    /// Takes the tools as the backend lists them now.
    /// - Parameter isPart: Others are listed other ones, which stay known.
    func replace(with items: [JSONSlice], isPart: Bool = false) {
        var found: [String: [HeaderParameter]] = [:]
        var bare: [String] = []
        for item in items {
            guard let name = item["name"]?.string, let schema = item["inputSchema"] else { continue }
            let parameters = HeaderParameter.all(inSchema: schema)
            if parameters.isEmpty { bare.append(name) } else { found[name] = parameters }
        }
        tools.withLock { tools in
            guard isPart else {
                tools = found
                return
            }
            for name in bare { tools[name] = nil }
            tools.merge(found) { $1 }
        }
    }

    func parameters(of tool: String) -> [HeaderParameter] { tools.withLock { $0[tool] ?? [] } }
}
