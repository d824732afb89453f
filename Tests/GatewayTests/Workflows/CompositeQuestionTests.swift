import Testing

@testable import Gateway

@Suite("Composite tools: questions to a person")
struct CompositeQuestionTests {
    private func gateway(
        _ backend: MemoryBackend, onDecline: WorkflowStep.Elicitation.Reaction = .abort,
        onCancel: WorkflowStep.Elicitation.Reaction = .abort
    ) throws -> TestGateway {
        TestGateway(
            ["a": backend],
            compositeTools: [
                try Workflows.flow(
                    Workflows.ask(
                        "ask", "Deploy {{.params.v}}?",
                        schema: #"{"type":"object","properties":{"why":{"type":"string"}},"required":["why"]}"#,
                        onDecline: onDecline, onCancel: onCancel, timeout: 60_000),
                    Workflows.tool(
                        "act", "a_echo",
                        #"{"why":"{{.steps.ask.output.content.why | default .steps.ask.output.action}}"}"#))
            ])
    }

    private func answer(_ session: any ClientSession, _ stream: RecordingStream, _ result: String) async throws
        -> JSONSlice
    {
        let asked = try JSONSlice(validating: Array(try #require(await stream.messages(1).first).utf8))
        let id = try #require(asked["id"]).array
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","id":\#(String(decoding: id, as: UTF8.self)),"result":\#(result)}"#))
        return asked
    }

    private static let elicitation = #"{"elicitation":{}}"#

    @Test("With a session: a real request on the call's stream, and the answer goes to the steps")
    func accepted() async throws {
        let backend = MemoryBackend()
        let gateway = try gateway(backend)
        let session = try await gateway.session(capabilities: Self.elicitation)
        let stream = try session.ask(Workflows.call(#"{"v":2}"#))
        let asked = try await answer(session, stream, #"{"action":"accept","content":{"why":"fun"}}"#)
        #expect(asked["method"]?.string == "elicitation/create" && asked["params"]?["message"]?.string == "Deploy 2?")
        #expect(asked["params"]?["requestedSchema"]?["required"] != nil)
        let act = await backend.next("tools/call")
        #expect(act.arguments == #"{"why":"fun"}"#)
        backend.answer(act, result: "{}")
        #expect(await stream.response()?.contains("isError") == false)
    }

    @Test(
        "With a session: other answers lead where the step says, and a second answer to nothing",
        arguments: [
            (WorkflowStep.Elicitation.Reaction.abort, #"{"action":"decline"}"#, "declined by user: step ask"),
            (.continue, #"{"action":"decline"}"#, "calls decline"),
            (.skipRemaining, #"{"action":"decline"}"#, "skipped"),
            (.continue, #"{"action":"cancel"}"#, "cancelled by user: step ask"),
            (.abort, #"{"action":"accept","content":{}}"#, "does not fit the schema: why"),
            (.abort, #"{"action":"accept","content":{"why":5}}"#, "why: expected string"),
            (.abort, #"{"action":"maybe"}"#, "expected the action"),
        ])
    func others(onDecline: WorkflowStep.Elicitation.Reaction, result: String, outcome: String) async throws {
        let backend = MemoryBackend()
        let gateway = try gateway(backend, onDecline: onDecline)
        let session = try await gateway.session(capabilities: Self.elicitation)
        let stream = try session.ask(Workflows.call(#"{"v":2}"#))
        _ = try await answer(session, stream, result)
        _ = try await answer(session, stream, #"{"action":"accept","content":{"why":"late"}}"#)
        if outcome.hasPrefix("calls") {
            let act = await backend.next("tools/call")
            #expect(act.arguments == #"{"why":"decline"}"#)
            backend.answer(act, result: "{}")
        }
        let response = await stream.response() ?? ""
        if outcome == "skipped" {
            #expect(response.contains(#""structuredContent":{}"#) && !response.contains("isError"), "\(response)")
        } else if !outcome.hasPrefix("calls") {
            #expect(response.contains(outcome) && response.contains(#""isError":true"#), "\(response)")
        }
        #expect(backend.methods.contains("tools/call") == outcome.hasPrefix("calls"))
        #expect(gateway.server.serverRequests.count == 0)
        await gateway.nothingRuns()
    }

    @Test("With a session: no answer in time is a cancellation, and the client hears that none is wanted")
    func timeout() async throws {
        let backend = MemoryBackend()
        let gateway = try gateway(backend)
        let stream = try await gateway.session(capabilities: Self.elicitation).ask(Workflows.call(#"{"v":2}"#))
        _ = await stream.messages(1)
        await gateway.clock.sleeper(60_000)
        gateway.clock.advance(by: 60_000)
        #expect(await stream.response()?.contains("timed out: step ask") == true)
        #expect(stream.sent.last?.contains("notifications/cancelled") == true)
        #expect(gateway.server.serverRequests.count == 0)
    }

    @Test("With a session: a client that goes away leaves nothing, and one that cannot be asked gets a clear error")
    func goneOrMute() async throws {
        let backend = MemoryBackend()
        let gateway = try gateway(backend)
        let session = try await gateway.session(capabilities: Self.elicitation)
        let stream = try session.ask(Workflows.call(#"{"v":2}"#))
        _ = await stream.messages(1)
        await session.end()
        #expect(await stream.response() == nil)
        await gateway.nothingRuns()
        #expect(gateway.server.serverRequests.count == 0)
        let mute = try await gateway.session().ask(Workflows.call(#"{"v":2}"#))
        #expect(await mute.response()?.contains("did not declare elicitation") == true)
    }

    // MARK: - Without sessions

    private func round(
        _ gateway: TestGateway, _ more: String = ""
    ) async throws -> StatelessAnswer {
        try await gateway.post(
            "tools/call", #""name":"flow","arguments":{"v":2}\#(more)"#, capabilities: Self.elicitation)
    }

    private func asked(_ gateway: TestGateway, _ answer: StatelessAnswer) async throws -> (
        state: String, message: String?
    ) {
        await gateway.clock.sleeper(20)
        gateway.clock.advance(by: 20)
        let result = try await answer.response()["result"]
        #expect(result?["resultType"]?.string == "input_required")
        return (
            try #require(result?["requestState"]?.string),
            result?["inputRequests"]?["q1"]?["params"]?["message"]?.string
        )
    }

    private func retry(_ state: String, _ responses: String) -> String {
        #","requestState":"\#(state)","inputResponses":{"q1":\#(responses)}"#
    }

    @Test("Without sessions: an input-required round, and the retry brings the answer to the run that waits")
    func rounds() async throws {
        let backend = MemoryBackend()
        let gateway = try gateway(backend)
        let (state, message) = try await asked(gateway, try await round(gateway))
        #expect(message == "Deploy 2?")
        let again = try await round(gateway, retry(state, #"{"action":"accept","content":{"why":"fun"}}"#))
        let act = await backend.next("tools/call")
        #expect(act.arguments == #"{"why":"fun"}"#)
        let replay = try await round(gateway, retry(state, #"{"action":"accept","content":{"why":"twice"}}"#))
        #expect(await replay.text().contains("was used already") && replay.code == -32602)
        backend.answer(act, result: #"{"content":[],"structuredContent":{"ok":1}}"#)
        #expect(await again.text().contains(#""structuredContent":{"ok":1}"#))
        #expect(gateway.server.workflows.count == 0 && gateway.server.stateless.parked.count == 0)
    }

    @Test("Without sessions: declining, foreign state, and a client that declared nothing")
    func refusals() async throws {
        let backend = MemoryBackend()
        let gateway = try gateway(backend)
        let (state, _) = try await asked(gateway, try await round(gateway))
        let other = try await gateway.post(
            "tools/call",
            #""name":"flow","arguments":{"v":3}\#(retry(state, #"{"action":"accept","content":{"why":"x"}}"#))"#,
            capabilities: Self.elicitation)
        _ = await other.text()
        #expect(other.code == -32602)
        let declined = try await round(gateway, retry(state, #"{"action":"decline"}"#))
        #expect(await declined.text().contains("declined by user: step ask"))
        let mute = try await gateway.post("tools/call", #""name":"flow","arguments":{"v":2}"#)
        #expect(await mute.text().contains("elicitation") && mute.code == -32021)
        await gateway.nothingRuns()
        #expect(gateway.server.stateless.parked.count == 0 && !backend.methods.contains("tools/call"))
    }

    @Test("Without sessions: a question over its time ends the run, and the late retry gets what it came to")
    func late() async throws {
        let gateway = try gateway(MemoryBackend())
        let (state, _) = try await asked(gateway, try await round(gateway))
        // The run's timer may begin to sleep before the 20 ms or after them.
        await gateway.clock.until { $0.contains { (59_980...60_000).contains($0) } }
        gateway.clock.advance(by: 60_000)
        await gateway.nothingRuns()
        let late = try await round(gateway, retry(state, #"{"action":"accept","content":{"why":"x"}}"#))
        #expect(await late.text().contains("timed out: step ask"))
        #expect(gateway.server.stateless.parked.count == 0)
    }
}
