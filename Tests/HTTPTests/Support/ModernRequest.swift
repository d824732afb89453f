extension Request {
    static let modernMeta =
        #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#

    /// A correct POST of a client of 2026-07-28.
    /// - Parameters:
    ///   - members: Of the params, besides `_meta`.
    ///   - name: The value of `Mcp-Name`.
    static func modern(
        _ method: String, id: String = "7", members: String = "", name: String? = nil, meta: String = modernMeta
    ) -> Request {
        let params = [members, meta].filter { !$0.isEmpty }.joined(separator: ",")
        return Request(body: #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{\#(params)}}"#)
            .with("MCP-Protocol-Version", "2026-07-28").with("Mcp-Method", method).with("Mcp-Name", name)
    }

    /// A correct call of a tool.
    static func tool(_ name: String, id: String = "7", arguments: String = "{}") -> Request {
        modern("tools/call", id: id, members: #""name":"\#(name)","arguments":\#(arguments)"#, name: name)
    }
}
