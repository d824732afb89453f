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
    /// - Throws: ``CompositeToolMissing`` when it cannot run now.
    package func run(
        _ configuration: GatewayConfiguration, workflow name: String, arguments: [UInt8], events: any WorkflowEvents,
        ask: (@Sendable (JSONSlice) async -> [UInt8])?
    ) async throws -> JSONRPCMessage {
        let server = server(configuration, workflowEvents: events)
        server.start()
        await server.keeper.firstRound(limit: 120_000)
        let answer = await Result.of {
            guard let name = server.keeper.snapshot.catalog.nameOfWorkflow(configuredAs: name) else {
                throw CompositeToolMissing(name, server.keeper)
            }
            return try await Self.call(name, arguments: arguments, on: server, ask: ask)
        }
        await server.stop()
        await shutDown()
        return try answer.get()
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
        case .refused(let response), .ending(let response): return try JSONRPCMessage(response)
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

/// Why a composite tool of the configuration is not there, with the backends that are not well.
package struct CompositeToolMissing: Error, CustomStringConvertible {
    package let description: String

    init(_ name: String, _ keeper: CatalogKeeper) {
        let causes = keeper.snapshot.report.entries
            .filter { $0.backend == Catalog.ownBackend && $0.originalName == name }.map { "\($0.cause)" }
        let backends = keeper.statuses.filter { $0.phase != .ready }
            .map { "backend \($0.name) is \($0.phase.rawValue)\($0.message.isEmpty ? "" : ": \($0.message)")" }
        description = (["\(name) cannot run now"] + causes + backends).joined(separator: "\n  ")
    }
}

extension Result where Failure == any Error {
    /// What came of it, so that something can be done before it is looked at.
    fileprivate static func of(_ body: () async throws -> Success) async -> Result {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
