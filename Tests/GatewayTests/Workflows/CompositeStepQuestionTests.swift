import Testing

@testable import Gateway

/// A step calls a tool whose backend asks the client something in the course of the call.
@Suite("Composite tools: questions of the backends that steps call", .timeLimit(.minutes(2)))
struct CompositeStepQuestionTests {
    private static let elicitation = #"{"elicitation":{}}"#
    private static let form = #""method":"elicitation/create","params":{"message":"m","requestedSchema":{}}"#
    private static let accept = #"{"action":"accept","content":{"n":1.50}}"#
    /// Of no other sleep of a gateway.
    private static let gatherTime: UInt64 = 37

    private static func modern() -> MemoryBackend {
        MemoryBackend(
            discoverResult: #"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}"#
        )
    }

    private func gateway(_ backend: MemoryBackend, _ steps: WorkflowStep...) throws -> TestGateway {
        var limits = InteractionLimits()
        limits.gatherTime = Self.gatherTime
        let definition = try WorkflowDefinition(name: "flow", description: "d", steps: steps)
        return TestGateway(["a": backend], interactions: limits, compositeTools: [definition])
    }

    private func ask(_ backend: MemoryBackend, _ call: MemoryBackend.Waiting, id: String, _ request: String = form) {
        let text = #"{"jsonrpc":"2.0","id":\#(id),\#(request)}"#
        if backend.traits.contains(.answersOnSession) {
            backend.say(text, session: call.session)
        } else {
            _ = call.observer.received(Array(text.utf8))
        }
    }

    /// What the backend was answered.
    private func answers(_ backend: MemoryBackend) -> [String] {
        backend.received.filter { $0.kind == .response }.map { String(decoding: $0.json.bytes, as: UTF8.self) }
    }

    // MARK: - With a session

    @Test(
        "With a session: the question goes out on the stream of the call, and the answer to the backend",
        arguments: [true, false])
    func session(onCall: Bool) async throws {
        let backend = MemoryBackend(traits: onCall ? [.shareable] : [.shareable, .answersOnSession])
        let gateway = try gateway(backend, try Workflows.tool("one"))
        let session = try await gateway.session(capabilities: Self.elicitation)
        let stream = try session.ask(Workflows.call())
        let call = await backend.next("tools/call")
        ask(backend, call, id: #""b7""#)
        let asked = try JSONSlice(validating: Array(try #require(await stream.messages(1).first).utf8))
        #expect(asked["method"]?.string == "elicitation/create" && asked["params"]?["message"]?.string == "m")
        let id = String(decoding: try #require(asked["id"]).bytes, as: UTF8.self)
        session.accept(try TestGateway.message(#"{"jsonrpc":"2.0","id":\#(id),"result":\#(Self.accept)}"#))
        await backend.until { state in state.received.contains { $0.kind == .response } }
        #expect(answers(backend) == [#"{"jsonrpc":"2.0","id":"b7","result":\#(Self.accept)}"#])
        backend.answer(call, result: #"{"content":[],"structuredContent":{"ok":1}}"#)
        #expect(await stream.response()?.contains(#""structuredContent":{"ok":1}"#) == true)
        #expect(gateway.server.serverRequests.count == 0)
    }

    @Test("With a session: what a backend of 2026-07-28 needs is asked likewise, and the step is sent again with it")
    func sessionBeforeModern() async throws {
        let backend = Self.modern()
        let gateway = try gateway(backend, try Workflows.tool("one", "a_echo", #"{"x":1}"#))
        let session = try await gateway.session(capabilities: Self.elicitation)
        let stream = try session.ask(Workflows.call())
        backend.answer(
            await backend.next("tools/call"),
            result: #"{"resultType":"input_required","inputRequests":{"k":{\#(Self.form)}},"requestState":"s"}"#)
        let asked = try JSONSlice(validating: Array(try #require(await stream.messages(1).first).utf8))
        let id = String(decoding: try #require(asked["id"]).bytes, as: UTF8.self)
        session.accept(try TestGateway.message(#"{"jsonrpc":"2.0","id":\#(id),"result":\#(Self.accept)}"#))
        let again = await backend.next("tools/call")
        #expect(
            again.message.params?["inputResponses"]?["k"]?["content"]?["n"].map {
                String(decoding: $0.bytes, as: UTF8.self)
            } == "1.50")
        #expect(again.message.params?["requestState"]?.string == "s" && again.arguments == #"{"x":1}"#)
        backend.answer(again, result: #"{"resultType":"complete","content":[],"structuredContent":{"ok":1}}"#)
        #expect(await stream.response()?.contains(#""structuredContent":{"ok":1}"#) == true)
    }

    // MARK: - Without sessions

    private func round(_ gateway: TestGateway, _ more: String = "", capabilities: String = elicitation) async throws
        -> StatelessAnswer
    {
        try await gateway.post("tools/call", #""name":"flow"\#(more)"#, capabilities: capabilities)
    }

    private func retry(_ state: String, _ responses: String) -> String {
        #","requestState":"\#(state)","inputResponses":\#(responses)"#
    }

    /// Lets the time for gathering pass, that of the step's call and then that of the composite one.
    private func gathered(_ gateway: TestGateway, times: Int = 2) async {
        for _ in 0..<times {
            await gateway.clock.sleeper(Self.gatherTime)
            gateway.clock.advance(by: Self.gatherTime)
        }
    }

    private func asked(_ answer: StatelessAnswer) async throws -> (requests: JSONSlice, state: String) {
        let result = try await answer.response()["result"]
        guard result?["resultType"]?.string == "input_required", let requests = result?["inputRequests"],
            let state = result?["requestState"]?.string
        else {
            Issue.record("expected an input-required result, found \(await answer.text())")
            throw TestGateway.Refused()
        }
        return (requests, state)
    }

    /// Returns when nothing is left of a call.
    private func nothingIsLeft(_ gateway: TestGateway) async {
        let stateless = gateway.server.stateless
        while gateway.server.workflows.count > 0 || stateless.parked.count > 0 || stateless.pool.leases > 0 {
            await Task.yield()
        }
    }

    @Test(
        "Without sessions: a question is a round of the composite call, and its retry answers the backend",
        arguments: [true, false])
    func rounds(onCall: Bool) async throws {
        let backend = MemoryBackend(traits: onCall ? [.shareable] : [.shareable, .answersOnSession])
        let gateway = try gateway(
            backend, try Workflows.tool("one", "a_echo", #"{"x":1}"#),
            try Workflows.tool("two", "a_echo", #"{"y":"{{.steps.one.output.ok}}"}"#))
        let first = try await round(gateway)
        let call = await backend.next("tools/call")
        ask(backend, call, id: "5")
        await gathered(gateway)
        let (requests, state) = try await asked(first)
        #expect(
            String(decoding: requests.bytes, as: UTF8.self)
                == #"{"q1":{"method":"elicitation/create","params":{"message":"m","requestedSchema":{}}}}"#)
        let second = try await round(gateway, retry(state, #"{"q1":\#(Self.accept)}"#))
        await backend.until { state in state.received.contains { $0.kind == .response } }
        #expect(answers(backend) == [#"{"jsonrpc":"2.0","id":5,"result":\#(Self.accept)}"#])
        // The backend asks once more, and then is content.
        ask(backend, call, id: "6", #""method":"elicitation/create","params":{"message":"n","requestedSchema":{}}"#)
        await gathered(gateway)
        let next = try await asked(second)
        #expect(next.requests.members.map(\.key) == ["q2"] && next.state != state)
        let third = try await round(gateway, retry(next.state, #"{"q2":{"action":"decline"}}"#))
        await backend.until { state in state.received.count { $0.kind == .response } == 2 }
        backend.answer(call, result: #"{"content":[],"structuredContent":{"ok":7}}"#)
        let two = await backend.next("tools/call")
        #expect(two.arguments == #"{"y":7}"#)
        backend.answer(two, result: #"{"content":[],"structuredContent":{"done":1}}"#)
        #expect(await third.text().contains(#""structuredContent":{"done":1}"#))
        await nothingIsLeft(gateway)
    }

    @Test("Without sessions: what a backend of 2026-07-28 needs goes the same way, its state with the step")
    func modernBackend() async throws {
        let backend = Self.modern()
        let gateway = try gateway(backend, try Workflows.tool("one", "a_echo", #"{"x":1}"#))
        let first = try await round(gateway)
        let call = await backend.next("tools/call")
        #expect(
            call.message.params?["_meta"]?["io.modelcontextprotocol/clientCapabilities"]?["elicitation"] != nil)
        backend.answer(
            call, result: #"{"resultType":"input_required","inputRequests":{"k":{\#(Self.form)}},"requestState":"s"}"#)
        await gathered(gateway, times: 1)
        let (_, state) = try await asked(first)
        let second = try await round(gateway, retry(state, #"{"q1":\#(Self.accept)}"#))
        let again = await backend.next("tools/call")
        #expect(
            again.message.params?["inputResponses"].map { String(decoding: $0.bytes, as: UTF8.self) }
                == #"{"k":\#(Self.accept)}"#)
        #expect(again.message.params?["requestState"]?.string == "s" && again.arguments == #"{"x":1}"#)
        backend.answer(again, result: #"{"resultType":"complete","content":[],"structuredContent":{"ok":1}}"#)
        #expect(await second.text().contains(#""structuredContent":{"ok":1}"#))
        await nothingIsLeft(gateway)
    }

    @Test("Without sessions: a URL that has to be opened first is asked for once, and the step is tried until it was")
    func neededURL() async throws {
        let backend = MemoryBackend()
        let gateway = try gateway(backend, try Workflows.tool("one"))
        let declared = #"{"elicitation":{"url":{}}}"#
        let error =
            #"{"code":-32042,"message":"m","data":{"elicitations":[{"mode":"url","message":"m","url":"https://x/","elicitationId":"e"}]}}"#
        let first = try await round(gateway, capabilities: declared)
        backend.refuse(await backend.next("tools/call"), error)
        await gathered(gateway, times: 1)
        let (requests, state) = try await asked(first)
        #expect(requests["q1"]?["params"]?["url"]?.string == "https://x/")
        let second = try await round(gateway, retry(state, #"{"q1":{"action":"accept"}}"#), capabilities: declared)
        backend.refuse(await backend.next("tools/call"), error)
        await gateway.clock.sleeper(100)
        gateway.clock.advance(by: 100)
        backend.answer(await backend.next("tools/call"), result: #"{"content":[],"structuredContent":{"ok":1}}"#)
        #expect(await second.text().contains(#""structuredContent":{"ok":1}"#))
        await nothingIsLeft(gateway)
    }

    @Test("Without sessions: steps that ask while the client is away are asked for in the next round")
    func together() async throws {
        let backend = MemoryBackend(traits: [.shareable])
        let gateway = try gateway(backend, try Workflows.ask("person", "Go?"), try Workflows.tool("one"))
        let first = try await round(gateway)
        let call = await backend.next("tools/call")
        await gathered(gateway, times: 1)
        let (requests, state) = try await asked(first)
        #expect(requests.members.map(\.key) == ["q1"])
        ask(backend, call, id: "5")
        await gathered(gateway, times: 1)
        let second = try await round(gateway, retry(state, #"{"q1":{"action":"accept","content":{}}}"#))
        await gathered(gateway, times: 1)
        let next = try await asked(second)
        #expect(next.requests["q2"]?["params"]?["message"]?.string == "m")
        let third = try await round(gateway, retry(next.state, #"{"q2":{"action":"cancel"}}"#))
        await backend.until { state in state.received.contains { $0.kind == .response } }
        backend.answer(call, result: "{}")
        #expect(await third.text().contains(#""resultType":"complete""#))
        await nothingIsLeft(gateway)
    }

    @Test("Without sessions: what the client did not declare fails the call with the capability it lacks")
    func undeclared() async throws {
        let backend = MemoryBackend(traits: [.shareable])
        let gateway = try gateway(backend, try Workflows.tool("one"))
        let answer = try await round(gateway)
        let call = await backend.next("tools/call")
        ask(backend, call, id: "5", #""method":"roots/list""#)
        #expect(answers(backend).first?.contains("-32601") == true)
        backend.answer(
            call,
            result:
                #"{"content":[{"type":"text","text":"Method not found: this client did not declare roots"}],"isError":true}"#
        )
        let error = try await answer.response()["error"]
        #expect(error?["code"]?.integer == -32021 && error?["data"]?["requiredCapabilities"]?["roots"] != nil)
        await nothingIsLeft(gateway)
    }

    @Test("Without sessions: a client that does not come back leaves nothing at the backend")
    func abandoned() async throws {
        let backend = MemoryBackend(traits: [.shareable])
        let gateway = try gateway(backend, try Workflows.tool("one", timeout: 1_000_000))
        let first = try await round(gateway)
        let call = await backend.next("tools/call")
        ask(backend, call, id: "5")
        await gathered(gateway)
        _ = try await asked(first)
        gateway.clock.advance(by: 700_000)
        await gateway.server.sweep()
        await nothingIsLeft(gateway)
        await backend.until { state in state.received.contains { $0.method == "notifications/cancelled" } }
        #expect(answers(backend).count == 1 && answers(backend)[0].contains(#""error""#))
    }

    @Test("Without sessions: a step over its time is cancelled at its backend although it waits for an answer")
    func stepTimeout() async throws {
        let backend = MemoryBackend(traits: [.shareable])
        let gateway = try gateway(backend, try Workflows.tool("one", timeout: 50_000))
        let first = try await round(gateway)
        let call = await backend.next("tools/call")
        ask(backend, call, id: "5")
        await gathered(gateway)
        let (_, state) = try await asked(first)
        await gateway.clock.sleeper(50_000 - 2 * Self.gatherTime)
        gateway.clock.advance(by: 50_000)
        await backend.until { state in state.received.contains { $0.method == "notifications/cancelled" } }
        while gateway.server.workflows.count > 0 { await Task.yield() }
        let late = try await round(gateway, retry(state, #"{"q1":\#(Self.accept)}"#))
        #expect(await late.text().contains("step one timed out"))
        #expect(answers(backend).allSatisfy { $0.contains(#""error""#) })
        await nothingIsLeft(gateway)
    }
}
