/// A backend that is the server itself: tools in Swift, no remote.
///
/// ```swift
/// PluginDefinition(id: "dice", version: "1.0.0", provides: [.backend]) { _, _ in
///     ToolServer(name: "dice", version: "1.0.0", tools: [
///         Tool(name: "roll", description: "Rolls a die.") { _ in .text("\(Int.random(in: 1...6))") }
///     ])
/// }
/// ```
///
/// Answers `initialize`, `ping`, `tools/list` and `tools/call` of the revisions 2024-11-05 to 2025-11-25; other requests
/// get -32601, which is also what makes the host speak those revisions. Sessions hold no state here.
public final class ToolServer: BackendPlugin {
    /// Answers are given on the call, and one session can serve everybody.
    public let traits: BackendTraits = [.shareable]

    /// Revisions answered as asked for, newest last.
    public static let revisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]

    private let tools: [String: Tool]
    private let listing: JSONValue
    private let identity: JSONValue
    private let instructions: String?

    /// Makes a server. Of two tools with one name the first counts.
    public init(name: String, version: String, instructions: String? = nil, tools: [Tool]) {
        self.tools = Dictionary(tools.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<String> = []
        listing = ["tools": .array(tools.filter { seen.insert($0.name).inserted }.map(\.listing))]
        identity = ["name": .string(name), "version": .string(version)]
        self.instructions = instructions
    }

    /// Resolves at once.
    public func open(_ session: UInt64, parameters: SessionParameters, sink: SessionSink, call: Call) { call.resolve() }

    /// Resolves at once.
    public func close(_ session: UInt64, call: Call) { call.resolve() }

    /// Answers one message.
    public func send(_ session: UInt64, message: RawSpan, call: Call) {
        let request: JSONValue
        do {
            request = try JSONValue(json: message.copied())
        } catch {
            call.resolve(.ok, last: Self.error(.null, -32700, error.message))
            return
        }
        guard let id = request["id"], let method = request["method"]?.string else {
            // A notification, or an answer to a question that this server never asks.
            call.resolve()
            return
        }
        switch method {
        case "initialize": call.resolve(.ok, last: Self.result(id, initialize(request["params"])))
        case "ping": call.resolve(.ok, last: Self.result(id, .object([])))
        case "tools/list": call.resolve(.ok, last: Self.result(id, listing))
        case "tools/call": use(id, request["params"], call)
        default: call.resolve(.ok, last: Self.error(id, -32601, "Method not found: \(method)"))
        }
    }

    private func initialize(_ parameters: JSONValue?) -> JSONValue {
        let asked = parameters?["protocolVersion"]?.string ?? ""
        let revision = Self.revisions.contains(asked) ? asked : Self.revisions[Self.revisions.count - 1]
        var members: [JSONValue.Member] = [
            .init("protocolVersion", .string(revision)),
            .init("capabilities", ["tools": .object([])]),
            .init("serverInfo", identity),
        ]
        if let instructions { members.append(.init("instructions", .string(instructions))) }
        return .object(members)
    }

    private func use(_ id: JSONValue, _ parameters: JSONValue?, _ call: Call) {
        guard let name = parameters?["name"]?.string, let tool = tools[name] else {
            let name = parameters?["name"]?.string ?? "(no name)"
            call.resolve(.ok, last: Self.error(id, -32602, "Unknown tool: \(name)"))
            return
        }
        let arguments = parameters?["arguments"] ?? .object([])
        guard arguments.members != nil else {
            let found = arguments.kind
            call.resolve(.ok, last: Self.error(id, -32602, "arguments: expected an object, found \(found)"))
            return
        }
        if let handler = tool.blockingHandler {
            do throws(ToolFailure) {
                let result = try handler(ToolCall(arguments: arguments, call: call))
                call.resolve(.ok, last: Self.result(id, Self.render(result.content, result.structured, failed: false)))
            } catch {
                call.resolve(.ok, last: Self.failure(id, error))
            }
            return
        }
        let work = Task {
            do {
                let result = try await tool.handler(ToolCall(arguments: arguments, call: call))
                call.resolve(.ok, last: Self.result(id, Self.render(result.content, result.structured, failed: false)))
            } catch is CancellationError {
                call.resolve(Outcome(.cancelled, "cancelled"))
            } catch {
                call.resolve(.ok, last: Self.failure(id, error))
            }
        }
        call.onCancel { _ in work.cancel() }
    }

    private static func failure(_ id: JSONValue, _ error: any Error) -> [UInt8] {
        result(id, render([["type": "text", "text": .string(String(describing: error))]], nil, failed: true))
    }

    private static func render(_ content: [JSONValue], _ structured: JSONValue?, failed: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [.init("content", .array(content))]
        if let structured { members.append(.init("structuredContent", structured)) }
        members.append(.init("isError", .bool(failed)))
        return .object(members)
    }

    private static func result(_ id: JSONValue, _ result: JSONValue) -> [UInt8] {
        let message: JSONValue = ["jsonrpc": "2.0", "id": id, "result": result]
        return message.json
    }

    private static func error(_ id: JSONValue, _ code: Int, _ text: String) -> [UInt8] {
        let error: JSONValue = ["code": .number(String(code)), "message": .string(text)]
        let message: JSONValue = ["jsonrpc": "2.0", "id": id, "error": error]
        return message.json
    }
}
