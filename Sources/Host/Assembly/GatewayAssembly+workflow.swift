package import Gateway
package import HostConfiguration

extension GatewayAssembly {
    /// Runs one composite tool as a client would, and ends the gateway.
    /// - Parameters:
    ///   - arguments: Raw JSON, an object.
    ///   - events: Hears of every step.
    ///   - ask: Puts a question to a person: gets the params of `elicitation/create`, gives the raw result. `nil` when there
    ///     is nobody to ask.
    /// - Returns: The JSON-RPC answer, a result or an error.
    package func run(
        _ configuration: GatewayConfiguration, workflow name: String, arguments: [UInt8], events: any WorkflowEvents,
        ask: (@Sendable (JSONSlice) async -> [UInt8])?
    ) async throws -> JSONRPCMessage {
        let server = server(configuration, workflowEvents: events)
        server.start()
        await server.keeper.firstRound(limit: 120_000)
        // One that is not there is called by its own name, for an error that says so.
        let name = server.keeper.snapshot.catalog.nameOfWorkflow(configuredAs: name) ?? name
        let answer = try await Self.call(name, arguments: arguments, on: server, ask: ask)
        await server.stop()
        await shutDown()
        return answer
    }

    private static func call(
        _ name: String, arguments: [UInt8], on server: VirtualServer, ask: (@Sendable (JSONSlice) async -> [UInt8])?
    ) async throws -> JSONRPCMessage {
        let hello = """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":\
            {\(ask == nil ? "" : "\"elicitation\":{}")},"clientInfo":{"name":"vmcp","version":"\(GatewayVersion.current)"}}}
            """
        let opened = await server.initialize(
            try JSONRPCMessage(Array(hello.utf8)), principal: .anonymous, headers: [])
        switch opened {
        case .refused(let response): return try JSONRPCMessage(response)
        case .opened(let session, _):
            let stream = CommandLineStream(session, ask: ask)
            let params = Array("{\"name\":".utf8) + JSONText.quote(name) + Array(",\"arguments\":".utf8) + arguments
            let call = JSONRPCWriter.request(id: "1".utf8, method: "tools/call", params: params + Array("}".utf8))
            session.request(try JSONRPCMessage(call), headers: [], stream: stream)
            let response = await stream.response()
            await session.end()
            return try JSONRPCMessage(
                response ?? JSONRPCWriter.error(id: Array("1".utf8), code: -32603, message: "the gateway ended"))
        }
    }
}
