import Gateway
import Testing

@Suite("Supervision of backends", .timeLimit(.minutes(2)))
struct BackendSupervisorTests {
    @Test("A backend that is lost again and again is opened after growing pauses, one lost now and then at once")
    func pauses() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend])
        _ = try await gateway.session()
        func lose(then tool: String) {
            backend.set { $0.lists["tools/list"] = #"{"tools":[{"name":"\#(tool)"}]}"# }
            backend.lose(backend.sessions[0], Outcome(.unavailable, message: "exited"))
        }
        func served(_ tool: String) async { await gateway.catalogs.until { $0.contains("b_\(tool)") } }
        lose(then: "one")
        await served("one")
        for (tool, pause) in [("two", 1_000), ("three", 2_000)] as [(String, UInt64)] {
            lose(then: tool)
            await gateway.clock.sleeper(pause)
            // Told together with the catalogue without its tools.
            while gateway.server.keeper.statuses.first?.health != "unhealthy" { await Task.yield() }
            gateway.clock.advance(by: pause)
            await served(tool)
        }
        gateway.clock.advance(by: 60_000)
        lose(then: "four")
        await served("four")
    }

    @Test(
        "A server that refuses the handshake today is asked again tomorrow",
        arguments: [Outcome.Status.invalid, .unsupported])
    func refusedHandshake(status: Outcome.Status) async throws {
        let backend = MemoryBackend()
        backend.set {
            $0.openFailure = Outcome(status, httpStatus: 400, message: "the server refuses the request (400)")
        }
        let gateway = TestGateway(["b": backend])
        await gateway.clock.sleeper(1_000)
        backend.set { $0.openFailure = nil }
        gateway.clock.advance(by: 1_000)
        await backend.until { state in state.received.contains { $0.method == "tools/list" } }
    }

    @Test(
        "Pages are followed by any cursor, the empty one too, until none is given or one comes again, which is reported",
        arguments: [
            (pages: [("a", #""""#), ("b", nil)], tools: ["b_a", "b_b"], again: nil),
            (pages: [("a", #""""#), ("a", #""""#)], tools: ["b_a"], again: #""""#),
            (pages: [("a", #""x""#), ("b", #""y""#), ("c", #""x""#)], tools: ["b_a", "b_b", "b_c"], again: #""x""#),
            (pages: [("a", "null")], tools: ["b_a"], again: nil),
        ] as [(pages: [(String, String?)], tools: [String], again: String?)])
    func cursors(pages: [(String, String?)], tools: [String], again: String?) async throws {
        let backend = MemoryBackend(
            traits: [.shareable],
            initializeResult:
                #"{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"m","version":"1"}}"#
        )
        backend.set { $0.heldMethods = ["tools/list"] }
        let gateway = TestGateway(["b": backend])
        var asked: [String?] = []
        for (tool, next) in pages {
            let request = await backend.next("tools/list")
            asked.append(request.message.params?["cursor"].map { String(decoding: $0.bytes, as: UTF8.self) })
            let cursor = next.map { #","nextCursor":\#($0)"# } ?? ""
            backend.answer(request, result: #"{"tools":[{"name":"\#(tool)"}]\#(cursor)}"#)
        }
        await gateway.server.keeper.firstRound()
        let snapshot = gateway.server.keeper.snapshot
        #expect(asked == [nil] + pages.dropLast().map(\.1))
        #expect(snapshot.catalog.tools.map(\.name) == tools)
        #expect(
            snapshot.report.warnings.map(\.cause)
                == (again.map { [.listUnended("gives the cursor \($0) of tools/list again")] } ?? []))
        #expect(gateway.server.keeper.statuses.first?.message.isEmpty == (again == nil))
    }

    @Test("A configuration that the plugin refuses is not tried again")
    func refusedConfiguration() async throws {
        let backend = MemoryBackend()
        backend.set { $0.startFailure = Outcome(.invalid, message: "no such field") }
        let gateway = TestGateway(["b": backend])
        await gateway.server.keeper.firstRound()
        gateway.clock.advance(by: 120_000)
        #expect(backend.starts == 1)
        #expect(gateway.server.keeper.statuses.first?.message == "no such field")
    }

    @Test("A server that tells of a change whenever it is asked for its lists is asked at most five times a second")
    func quiet() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend])
        _ = try await gateway.session()
        let changed = #"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#
        backend.say(changed, session: backend.sessions[0])
        await backend.until { state in state.received.filter { $0.method == "tools/list" }.count == 2 }
        backend.say(changed, session: backend.sessions[0])
        await gateway.clock.sleeper(200)
        #expect(backend.methods.filter { $0 == "tools/list" }.count == 2)
        gateway.clock.advance(by: 200)
        await backend.until { state in state.received.filter { $0.method == "tools/list" }.count == 3 }
    }

    @Test("A list that was read again and is the same is no news for clients")
    func sameList() async throws {
        let backend = MemoryBackend(lists: ["tools/list": #"{"tools":[]}"#, "prompts/list": #"{"prompts":[]}"#])
        let session = try await {
            let gateway = TestGateway(["b": backend])
            return (gateway, try await gateway.session())
        }()
        let events = RecordingStream()
        session.1.attach(events)
        backend.say(#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#, session: backend.sessions[0])
        await backend.until { state in state.received.filter { $0.method == "tools/list" }.count == 2 }
        backend.set { $0.lists["prompts/list"] = #"{"prompts":[{"name":"p"}]}"# }
        backend.say(#"{"jsonrpc":"2.0","method":"notifications/prompts/list_changed"}"#, session: backend.sessions[0])
        await session.0.clock.sleeper(200)
        session.0.clock.advance(by: 200)
        #expect(await events.messages(1) == [#"{"jsonrpc":"2.0","method":"notifications/prompts/list_changed"}"#])
    }

    @Test("The end of the gateway takes nothing away from clients, and lets go of whoever waits for a first answer")
    func end() async throws {
        let backend = MemoryBackend()
        backend.set { $0.heldMethods = ["initialize"] }
        let gateway = TestGateway(["b": backend])
        _ = await backend.next("initialize")
        async let waiting: Void = gateway.server.keeper.firstRound()
        await gateway.server.stop()
        await waiting
        #expect(gateway.server.keeper.statuses.first?.phase == .starting)
    }
}
