import Testing

@testable import Gateway

@Suite("Composite tools: limits")
struct CompositeLimitTests {
    @Test("A million elements are refused without a call, and a large output ends in a clear error")
    func tooMuch() async throws {
        let backend = MemoryBackend()
        let huge = try Workflows.flow(
            Workflows.forEach("each", in: "{{.params.l}}", "{}"), parameters: #"{"type":"object"}"#)
        let loud = try Workflows.flow(
            Workflows.tool("one", "a_echo", #"{"x":"{{range 2000000}}aaaaaaaa{{end}}"}"#), name: "loud")
        let gateway = TestGateway(["a": backend], compositeTools: [huge, loud])
        let session = try await gateway.session()
        let list = "[" + String(repeating: "0,", count: 999_999) + "0]"
        let response = await (try session.ask(Workflows.call(#"{"l":\#(list)}"#))).response() ?? ""
        #expect(response.contains("collection size 1000000 exceeds maxIterations 100"), "\(response.prefix(300))")
        let other = await (try session.ask(Workflows.call(id: 2).replacing("flow", with: "loud"))).response() ?? ""
        #expect(other.contains("10 MiB") && other.utf8.count < 1000)
        #expect(!backend.methods.contains("tools/call"))
        await gateway.nothingRuns()
    }

    @Test("What a backend gives may be large; a template that repeats more than 10 MiB of it sends nothing")
    func largeOutput() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [
                try Workflows.flow(
                    Workflows.tool("one"),
                    Workflows.tool("two", "a_echo", #"{"n":"{{len .steps.one.output.text}}"}"#),
                    Workflows.tool(
                        "three", "a_echo", #"{"x":"again {{.steps.one.output.text}}"}"#, after: "two"))
            ])
        let stream = try await gateway.session().ask(Workflows.call())
        let text = String(repeating: "x", count: 11 << 20)
        backend.answer(
            await backend.next("tools/call"), result: #"{"content":[{"type":"text","text":"\#(text)"}]}"#)
        let two = await backend.next("tools/call")
        #expect(two.arguments == #"{"n":11534336}"#)
        backend.answer(two, result: "{}")
        let response = await stream.response() ?? ""
        #expect(response.contains("step three") && response.contains("10 MiB"), "\(response.prefix(300))")
        #expect(response.utf8.count < 1_000 && backend.methods.count { $0 == "tools/call" } == 2)
        await gateway.nothingRuns()
    }
}
