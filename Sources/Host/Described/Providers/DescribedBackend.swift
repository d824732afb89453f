import PluginKit

/// Functions of a library as an MCP server with tools.
final class DescribedBackend: BackendPlugin {
    let traits: BackendTraits = [.shareable]
    private let core: DescribedCore
    private let server: ToolServer

    init(_ core: DescribedCore) {
        self.core = core
        let description = core.description
        server = ToolServer(
            name: description.id, version: description.version,
            tools: description.functions.compactMap { function in
                function.tool.map { Self.tool($0, function, core) }
            })
    }

    private static func tool(_ tool: ToolDescription, _ function: FunctionDescription, _ core: DescribedCore) -> Tool {
        let output = ToolSchema.output(function, callbacks: core.description.callbacks)
        return Tool(
            name: tool.name, title: tool.title, description: tool.description, inputSchema: ToolSchema.input(function),
            outputSchema: output, annotations: tool.isReadOnly ? ["readOnlyHint": true] : nil,
            blocking: { use throws(ToolFailure) in
                do throws(CallFailure) {
                    var given: [Member] = []
                    for member in use.arguments.members ?? [] {
                        guard let argument = function.exposed.first(where: { $0.name == member.name }) else {
                            throw CallFailure(.badArgument, "there is no argument '\(member.name)'")
                        }
                        given.append(Member(member.name, try ValueJSON.value(member.value, for: argument)))
                    }
                    let answer = try core.call(function, given, for: use.call)
                    guard output != nil else { return .text("done") }
                    return .structured(try ValueJSON.object(answer, of: function))
                } catch {
                    throw ToolFailure(error.message)
                }
            })
    }

    func start(_ call: Call) { core.start(call) }
    func quiesce(_ call: Call) { core.quiesce(call) }
    func open(_ session: UInt64, parameters: SessionParameters, sink: SessionSink, call: Call) { call.resolve() }
    func close(_ session: UInt64, call: Call) { call.resolve() }
    func send(_ session: UInt64, message: RawSpan, call: Call) { server.send(session, message: message, call: call) }
}
