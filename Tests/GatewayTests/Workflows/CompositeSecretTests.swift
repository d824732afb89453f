import Synchronization
import Testing

@testable import Gateway

@Suite("Composite tools: secrets")
struct CompositeSecretTests {
    private final class Details: WorkflowEvents {
        private let texts = Mutex<[String]>([])
        func happened(_ event: WorkflowEvent) { texts.withLock { $0.append("\(event.step ?? "") \(event.detail)") } }
        var all: String { texts.withLock { $0 }.joined(separator: "\n") }
    }

    /// Each workflow fails over an argument that is secret, in another place.
    private static func workflows() throws -> [(WorkflowDefinition, part: String)] {
        let secret = "{{.params.token}}"
        return [
            (try Workflows.flow(Workflows.tool("one", when: secret)), "condition"),
            (try Workflows.flow(Workflows.tool("one", "a_echo", #"{"x":"{{fromJson .params.token}}"}"#)), "arguments"),
            (try Workflows.flow(Workflows.tool("one", "a_echo", #"{"x":"{{index .params.token 99}}"}"#)), "arguments"),
            (
                try Workflows.flow(Workflows.tool("one", "a_echo", #"{"x":"{{len 5}}{{.params.token.deeper}}"}"#)),
                "arguments"
            ),
            (try Workflows.flow(Workflows.forEach("each", in: secret, "{}")), "must resolve to a JSON array"),
            (
                try Workflows.flow(
                    Workflows.tool("one"), output: Workflows.output(("n", .integer, secret))),
                "output construction failed: n: expected integer"
            ),
            (
                try Workflows.flow(
                    Workflows.tool("one"), parameters: #"{"type":"object","properties":{"token":{"type":"integer"}}}"#),
                "token: expected integer"
            ),
            (
                try Workflows.flow(
                    Workflows.tool("one"),
                    parameters:
                        #"{"type":"object","properties":{"token":{"enum":["a"],"pattern":"^a$","maxLength":2}}}"#),
                "token: expected"
            ),
        ]
    }

    @Test("No error and no event shows a value that came with the call", arguments: 0..<8)
    func arguments(index: Int) async throws {
        let backend = MemoryBackend()
        let (definition, part) = try Self.workflows()[index]
        let details = Details()
        let gateway = TestGateway(["a": backend], compositeTools: [definition], workflowEvents: details)
        let stream = try await gateway.session().ask(
            Workflows.call(#"{"token":"s3cret"}"#, meta: #"{"vmcp.dev/partialResults":true}"#))
        if definition.output != nil { backend.answer(await backend.next("tools/call"), result: "{}") }
        let response = await stream.response() ?? ""
        #expect(response.contains(part) && !response.contains("s3cret"), "\(response)")
        await gateway.nothingRuns()
        #expect(!details.all.contains("s3cret"), "\(details.all)")
    }

    @Test("What a person answered is in no error and no event")
    func answers() async throws {
        let details = Details()
        let gateway = TestGateway(
            ["a": MemoryBackend()],
            compositeTools: [
                try Workflows.flow(
                    Workflows.ask(
                        "ask", "m",
                        schema:
                            #"{"type":"object","properties":{"code":{"type":"integer"}},"additionalProperties":false}"#)
                )
            ], workflowEvents: details)
        let session = try await gateway.session(capabilities: #"{"elicitation":{}}"#)
        let stream = try session.ask(Workflows.call())
        let asked = try JSONSlice(validating: Array(try #require(await stream.messages(1).first).utf8))
        let id = String(decoding: try #require(asked["id"]).bytes, as: UTF8.self)
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","id":\#(id),"result":{"action":"accept","content":{"code":"s3cret"}}}"#))
        let response = await stream.response() ?? ""
        #expect(response.contains("code: expected integer, found string") && !response.contains("s3cret"))
        await gateway.nothingRuns()
        #expect(!details.all.contains("s3cret"))
    }
}
