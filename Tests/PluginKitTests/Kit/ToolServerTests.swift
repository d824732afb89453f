import PluginAPI
import PluginKit
import Testing

@Suite("Server of tools")
struct ToolServerTests {
    private func instance() throws -> TestInstance {
        try TestInstance(
            PluginDefinition(id: "tools", version: "1", provides: [.backend]) { _, _ in
                ToolServer(
                    name: "tools", version: "1",
                    tools: [
                        Tool(name: "greet", description: "Greets.", inputSchema: ["type": "object"]) { call in
                            .text("Hello, \(try call.string("name"))")
                        },
                        Tool(name: "count", description: "Counts.") { _ in .structured(["count": 3]) },
                        Tool(name: "wait", description: "Waits.") { _ in
                            for await _ in AsyncStream<Never>.makeStream().stream {}
                            try Task.checkCancellation()
                            return .text("not cancelled")
                        },
                    ])
            })
    }

    @Test(
        "Requests get their answers",
        arguments: [
            (
                #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26"}}"#,
                #"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-03-26","capabilities":{"tools":{}},"serverInfo":{"name":"tools","version":"1"}}}"#
            ),
            (
                #"{"jsonrpc":"2.0","id":"a","method":"initialize","params":{"protocolVersion":"2031-01-01"}}"#,
                #"{"jsonrpc":"2.0","id":"a","result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"tools","version":"1"}}}"#
            ),
            (#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#, #"{"jsonrpc":"2.0","id":2,"result":{}}"#),
            (
                #"{"jsonrpc":"2.0","id":3,"method":"server/discover"}"#,
                #"{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"Method not found: server/discover"}}"#
            ),
            (
                #"{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/call","params":{"name":"greet","arguments":{"name":"Ada"}}}"#,
                #"{"jsonrpc":"2.0","id":9007199254740993,"result":{"content":[{"type":"text","text":"Hello, Ada"}],"isError":false}}"#
            ),
            (
                #"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"greet","arguments":{}}}"#,
                #"{"jsonrpc":"2.0","id":5,"result":{"content":[{"type":"text","text":"argument 'name' is missing"}],"isError":true}}"#
            ),
            (
                #"{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"count"}}"#,
                #"{"jsonrpc":"2.0","id":6,"result":{"content":[{"type":"text","text":"{\"count\":3}"}],"structuredContent":{"count":3},"isError":false}}"#
            ),
            (
                #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"none"}}"#,
                #"{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Unknown tool: none"}}"#
            ),
            (
                #"{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"count","arguments":[]}}"#,
                #"{"jsonrpc":"2.0","id":8,"error":{"code":-32602,"message":"arguments: expected an object, found an array"}}"#
            ),
            (#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, ""),
        ])
    func answers(request: String, answer: String) async throws {
        let instance = try instance()
        let ending = await instance.send(1, request).ended()
        #expect(ending.outcome == .ok)
        #expect(ending.last == answer)
    }

    @Test("tools/list shows names, descriptions and schemas in order")
    func list() throws {
        let ending = try instance().send(1, #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#).ending
        let tools = try JSONValue(json: Array((ending?.last ?? "").utf8))["result"]?["tools"]?.array
        #expect(tools?.map { $0["name"]?.string } == ["greet", "count", "wait"])
        #expect(tools?[1]["inputSchema"] == ["type": "object", "additionalProperties": false])
    }

    @Test("A cancelled call ends as cancelled")
    func cancel() async throws {
        let instance = try instance()
        let call = instance.send(1, #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait"}}"#)
        instance.cancel(call)
        #expect(await call.ended().outcome.status == .cancelled)
    }
}
