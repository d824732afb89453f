/// `find_tool` and `call_tool` in the stead of all other tools.
///
/// A call of `call_tool` is rewritten into the request for the tool itself before it is routed, so that everything behind
/// treats it as what it is.
package final class Optimizer: Sendable {
    /// What a request of a client is.
    enum Entry: Sendable {
        /// Served as without the optimizer.
        case ordinary
        /// For a tool behind `call_tool`.
        case inner(JSONRPCMessage)
        case find(ToolRequest)
        /// Answered with this raw result.
        case answered([UInt8])
        /// The arguments are no object, which later revisions call an error of the protocol.
        case malformed
    }

    package let settings: OptimizerSettings
    private let search: any ToolSearch
    private let policy: any Policy

    init(_ settings: OptimizerSettings, search: any ToolSearch, policy: any Policy) {
        self.settings = settings
        self.search = search
        self.policy = policy
    }

    func isFor(_ settings: OptimizerSettings, _ search: any ToolSearch) -> Bool {
        self.settings == settings && self.search === search
    }

    func update(_ catalog: Catalog) { search.update(catalog) }
    func stop() async { await search.stop() }

    /// Reads a request that is not routed yet.
    func enter(_ request: JSONRPCMessage, _ catalog: Catalog, _ principal: Principal) -> Entry {
        guard request.method == "tools/call", let params = request.params,
            let name = RequestRouter.only("name", of: params)?.string,
            name == FindTool.name || name == CallTool.name
        else { return .ordinary }
        let arguments = params["arguments"]
        if let arguments, arguments.kind != .object, arguments.kind != .null { return .malformed }
        do throws(ToolArguments.Refusal) {
            if name == FindTool.name { return .find(try FindTool.request(arguments)) }
            let call = try CallTool(arguments)
            guard let tool = catalog.tool(named: call.tool), policy.permitsCall(of: tool.name, by: principal) else {
                throw ToolArguments.Refusal("tool not found: \(call.tool.prefix(200))")
            }
            do throws(JSONRPCMessage.Malformed) { return .inner(try call.request(instead: request)) } catch {
                throw ToolArguments.Refusal("call_tool failed: \(error)")
            }
        } catch {
            return .answered(FindToolAnswer.failure(error.text))
        }
    }

    /// The raw result of `find_tool`.
    /// - Parameter catalog: The caller's own, where callers have such: the index holds what any of them sees.
    func find(_ request: ToolRequest, _ principal: Principal, in catalog: Catalog? = nil) async -> [UInt8] {
        let own = catalog.map(OwnTools.init)
        do {
            var found = try await search.search(request) { [policy] tool in
                guard let tool = own.map({ $0.tool(like: tool) }) ?? tool else { return false }
                return policy.permitsCall(of: tool.name, by: principal)
            }
            if let own { found.matches = found.matches.compactMap { $0.own(own) } }
            return FindToolAnswer.result(found)
        } catch {
            return FindToolAnswer.failure("find_tool failed: \(error)")
        }
    }

    /// What a call of `call_tool` is answered when its tool answered with an error of the protocol; `nil` when the error goes
    /// on as it is: it asks something of the client's program, not of the model.
    static func result(for error: JSONSlice) -> [UInt8]? {
        // 2025-11-25: URL elicitation required.
        let code = error["code"]?.integer
        if code == -32042 || code == ModernProtocol.missingCapability { return nil }
        return FindToolAnswer.failure("call_tool failed: \(error["message"]?.string ?? "the tool gave no reason")")
    }
}
