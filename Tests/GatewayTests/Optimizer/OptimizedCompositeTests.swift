import Gateway
import Testing

@Suite("find_tool and call_tool: composite tools")
struct OptimizedCompositeTests {
    private static let tools = #"""
        {"tools":[{"name":"echo","inputSchema":{"type":"object"}},{"name":"weather","inputSchema":{"type":"object"}}]}
        """#

    @Test(
        "They are found and called like others, in both eras, and their steps need the caller's rights or their own",
        arguments: [true, false])
    func calls(isLegacy: Bool) async throws {
        let backend = MemoryBackend(lists: ["tools/list": Self.tools])
        let gateway = TestGateway(
            ["a": backend], aggregation: AggregationSettings(strategy: .prefix, prefixMode: .onConflict),
            compositeTools: [
                try Workflows.flow(Workflows.tool("one", "echo", #"{"x":"{{.params.x}}"}"#), name: "say_flow"),
                try Workflows.flow(Workflows.tool("one", "weather"), name: "denied_flow"),
                try Workflows.flow(Workflows.tool("one", "weather"), name: "own_flow", authorization: .composite),
            ], policy: AllBut(denied: ["weather"]), optimizer: (OptimizerSettings(), PlainSearch()))
        let session = try await gateway.session()
        func call(_ tool: String, _ arguments: String) async throws -> RecordingStream {
            let params = #""name":"\#(tool)","arguments":\#(arguments)"#
            guard isLegacy else { return try await gateway.post("tools/call", params).recording }
            return try session.ask(#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{\#(params)}}"#)
        }
        let found = try JSONSlice(
            validating: Array(
                (try await call("find_tool", #"{"tool_description":"flow"}"#).response() ?? "").utf8))
        let names = found["result"]?["structuredContent"]?["tools"]?.elements.compactMap { $0["name"]?.string }
        #expect(names == ["denied_flow", "own_flow", "say_flow"])

        let said = try await call("call_tool", #"{"tool_name":"say_flow","parameters":{"x":7}}"#)
        let step = await backend.next("tools/call")
        #expect(step.arguments == #"{"x":7}"#)
        backend.answer(step, result: #"{"content":[],"structuredContent":{"ok":1}}"#)
        #expect(await said.response()?.contains(#""structuredContent":{"ok":1}"#) == true)

        let denied = try await call("call_tool", #"{"tool_name":"denied_flow"}"#).response() ?? ""
        #expect(denied.contains("in step one: the caller may not use this tool"), "\(denied)")
        let own = try await call("call_tool", #"{"tool_name":"own_flow"}"#)
        backend.answer(await backend.next("tools/call"), result: "{}")
        #expect(await own.response()?.contains("isError") == false)
        await gateway.nothingRuns()
    }
}
