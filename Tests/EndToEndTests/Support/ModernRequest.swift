/// One POST of revision 2026-07-28, in order until a test makes it otherwise.
struct ModernRequest: Sendable {
    static let revision = "2026-07-28"
    static let prefix = "io.modelcontextprotocol/"

    var headers: [(String, String)]
    var body: String

    /// - Parameters:
    ///   - id: Raw JSON.
    ///   - members: Of `params` beside `_meta`, raw JSON.
    ///   - name: For `Mcp-Name`.
    ///   - meta: The members of `_meta`; default what the revision requires.
    init(
        _ method: String, id: String = "7", members: String = "", name: String? = nil,
        meta: String = Self.meta()
    ) {
        headers = [
            ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"),
            ("MCP-Protocol-Version", Self.revision), ("Mcp-Method", method),
        ]
        if let name { headers.append(("Mcp-Name", name)) }
        let all = [meta.isEmpty ? "" : "\"_meta\":{\(meta)}", members].filter { !$0.isEmpty }.joined(separator: ",")
        body = "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"\(method)\",\"params\":{\(all)}}"
    }

    static func call(
        _ tool: String, _ arguments: String = "{}", id: String = "7", meta: String = Self.meta()
    ) -> ModernRequest {
        ModernRequest(
            "tools/call", id: id, members: "\"name\":\"\(tool)\",\"arguments\":\(arguments)", name: tool, meta: meta)
    }

    /// The members that every request has in `_meta`, and more.
    static func meta(version: String = Self.revision, capabilities: String = "{}", more: String = "") -> String {
        "\"\(prefix)protocolVersion\":\"\(version)\",\"\(prefix)clientCapabilities\":\(capabilities)"
            + (more.isEmpty ? "" : ",\(more)")
    }

    /// The same with another value of a header; `nil` leaves it out.
    func with(_ name: String, _ value: String?) -> ModernRequest {
        var changed = self
        changed.headers.removeAll { $0.0.lowercased() == name.lowercased() }
        return value.map { changed.adding(name, $0) } ?? changed
    }

    func adding(_ name: String, _ value: String) -> ModernRequest {
        var changed = self
        changed.headers.append((name, value))
        return changed
    }

    func with(body: String) -> ModernRequest {
        var changed = self
        changed.body = body
        return changed
    }

    func send(to port: Int) async throws -> HTTPResponse {
        try await HTTPConnection(port: port).exchange("POST", "/mcp", headers: headers, body: Array(body.utf8))
    }
}
