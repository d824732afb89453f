import Testing

@testable import Gateway

@Suite("Load: calls under way", .timeLimit(.minutes(1)))
struct BackendLoadTests {
    private static func limits(_ calls: Int, perBackend: Int) -> CallLimits {
        var limits = CallLimits()
        (limits.calls, limits.callsPerBackend) = (calls, perBackend)
        return limits
    }

    private static func call(_ id: Int, _ tool: String) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":{}}}"#
    }

    /// How a test calls a tool of a gateway and gets the text of the answer later, in each era.
    private enum Era: CaseIterable {
        case sessions, stateless

        func start(_ gateway: TestGateway, _ tools: [String]) async throws -> [@Sendable () async -> String] {
            switch self {
            case .sessions:
                let session = try await gateway.session()
                return try tools.enumerated().map { index, tool in
                    let stream = try session.ask(BackendLoadTests.call(index + 1, tool))
                    return { await stream.response() ?? "" }
                }
            case .stateless:
                var answers: [@Sendable () async -> String] = []
                for tool in tools {
                    let answer = try await gateway.post("tools/call", #""name":"\#(tool)","arguments":{}"#)
                    answers.append { await answer.text() }
                }
                return answers
            }
        }
    }

    @Test(
        "One call too many at a backend is refused at once, unsent and as retryable; other backends notice nothing",
        arguments: Era.allCases)
    private func perBackend(era: Era) async throws {
        let (hung, good) = (MemoryBackend(), MemoryBackend())
        let gateway = TestGateway(["hung": hung, "good": good], calls: Self.limits(10, perBackend: 2))
        let hanging = try await era.start(gateway, ["hung_echo", "hung_echo"])
        let first = await hung.next("tools/call")
        let refused = try await era.start(gateway, ["hung_echo"])
        let text = await refused[0]()
        for part in [
            #""isError":true"#, #""category":"limit_exceeded""#, #""backend":"hung""#, #""retryable":true"#,
            #""retryAfterMs":1000"#, "has 2 calls under way", "operational.limits.callsPerBackend",
        ] {
            #expect(text.contains(part), "\(part): \(text)")
        }
        let other = try await era.start(gateway, ["good_echo"])
        good.answer(await good.next("tools/call"), result: #"{"content":[]}"#)
        #expect(await !other[0]().contains("isError"))

        // Room again: the next one is sent.
        hung.answer(first, result: #"{"content":[]}"#)
        hung.answer(await hung.next("tools/call"), result: #"{"content":[]}"#)
        for answer in hanging { #expect(await !answer().contains("isError")) }
        let next = try await era.start(gateway, ["hung_echo"])
        hung.answer(await hung.next("tools/call"), result: #"{"content":[]}"#)
        #expect(await !next[0]().contains("isError"))
        #expect(hung.methods.count { $0 == "tools/call" } == 3)

        let figures = try #require(gateway.server.figures(of: "hung"))
        #expect(figures.inFlight == 0 && figures.answered == 3 && figures.shed == 1 && figures.failed == 0)
        #expect(figures.durations.reduce(0, +) == 3)
        #expect(gateway.server.load.inFlight == 0)
    }

    @Test("One call too many for all backends is refused likewise, and holds no place", arguments: Era.allCases)
    private func whole(era: Era) async throws {
        let (hung, good) = (MemoryBackend(), MemoryBackend())
        let gateway = TestGateway(["hung": hung, "good": good], calls: Self.limits(2, perBackend: 2))
        _ = try await era.start(gateway, ["hung_echo", "hung_echo"])
        let text = await (try await era.start(gateway, ["good_echo"]))[0]()
        #expect(
            text.contains("the gateway has 2 calls under way") && text.contains("operational.limits.calls)"), "\(text)")
        #expect(text.contains(#""retryable":true"#) && !good.methods.contains("tools/call"))
        #expect(gateway.server.figures(of: "good")?.inFlight == 0 && gateway.server.figures(of: "good")?.shed == 1)
        #expect(gateway.server.load.inFlight == 2)
    }

    @Test("However a call ends, its place is free again, and the end is counted as what it was")
    func ends() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["a": backend], calls: Self.limits(10, perBackend: 1))
        func figures() throws -> BackendLoad.Figures { try #require(gateway.server.figures(of: "a")) }

        let session = try await gateway.session()
        let refused = try session.ask(Self.call(1, "a_echo"))
        backend.refuse(await backend.next("tools/call"), #"{"code":-32000,"message":"no"}"#)
        #expect(await refused.response()?.contains("-32000") == true)
        #expect(try figures().answered == 1)

        let cancelled = try session.ask(Self.call(2, "a_echo"))
        _ = await backend.next("tools/call")
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}"#))
        #expect(await cancelled.response() == nil)
        #expect(try figures().cancelled == 1 && figures().inFlight == 0)

        let abandoned = try session.ask(Self.call(3, "a_echo"))
        _ = await backend.next("tools/call")
        await session.end()
        #expect(await abandoned.response() == nil)
        #expect(try figures().cancelled == 2 && figures().inFlight == 0)

        let gone = try await gateway.post("tools/call", #""name":"a_echo","arguments":{}"#)
        _ = await backend.next("tools/call")
        gone.cancel()
        #expect(try figures().cancelled == 3 && figures().inFlight == 0)

        let late = try await gateway.session().ask(Self.call(4, "a_echo"))
        _ = await backend.next("tools/call")
        gateway.clock.advance(by: 40_000)
        await gateway.server.sweep()
        #expect(await late.response()?.contains(#""category":"timeout""#) == true)
        #expect(try figures().failed == 1 && figures().inFlight == 0)
        #expect(try figures().durations[DurationBounds.index(of: 40_000)] == 1)
        #expect(gateway.server.load.inFlight == 0)
    }

    @Test("A step of a composite tool is a call like any other")
    func steps() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend], calls: Self.limits(10, perBackend: 1),
            compositeTools: [try Workflows.flow(Workflows.tool("one"), Workflows.tool("two"))])
        let stream = try await gateway.session().ask(Workflows.call())
        let text = await stream.response() ?? ""
        #expect(text.contains(#""category":"limit_exceeded""#) && text.contains(#""retryable":true"#), "\(text)")
        #expect(gateway.server.load.inFlight == 0)
    }

    @Test(
        "A backend that asks on and on without waiting for answers is refused what is beyond the limit",
        arguments: [true, false])
    func questions(hasSession: Bool) async throws {
        let backend = MemoryBackend(traits: [])
        let gateway = TestGateway(["a": backend])
        let capabilities = #"{"elicitation":{"form":{}}}"#
        if hasSession {
            _ = try await gateway.session(capabilities: capabilities).ask(Self.call(1, "a_echo"))
        } else {
            _ = try await gateway.post("tools/call", #""name":"a_echo""#, capabilities: capabilities)
        }
        let call = await backend.next("tools/call")
        for number in 0...InteractionLimits.questions {
            let text = """
                {"jsonrpc":"2.0","id":\(number),"method":"elicitation/create",\
                "params":{"message":"m","requestedSchema":{"type":"object","properties":{}}}}
                """
            _ = call.observer.received(Array(text.utf8))
        }
        let refused = backend.received.filter { $0.kind == .response }
        #expect(refused.compactMap { $0.id?.integer } == [InteractionLimits.questions])
        #expect(refused.first?.error?["message"]?.string?.contains("no answer yet") == true)
    }

    @Test("Calls from many threads leave nothing behind, and none is let in beyond the limit")
    func threads() async {
        let load = BackendLoad(GatewayLoad(Self.limits(1_000, perBackend: 7)))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    for _ in 0..<2_000 where load.enter() == nil {
                        #expect(load.figures.inFlight <= 7)
                        load.leave(.answered, after: 3)
                    }
                }
            }
        }
        let figures = load.figures
        #expect(figures.inFlight == 0 && figures.answered + figures.shed == 32_000)
        #expect(figures.durations[0] == figures.answered)
    }
}
