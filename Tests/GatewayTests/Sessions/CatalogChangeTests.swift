import Testing

@testable import Gateway

@Suite("Backends come, change and go", .timeLimit(.minutes(2)))
struct CatalogChangeTests {
    private func tools(_ names: String...) -> String {
        #"{"tools":["# + names.map { #"{"name":"\#($0)","inputSchema":{}}"# }.joined(separator: ",") + "]}"
    }

    private func list(_ session: any ClientSession) async throws -> [String] {
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        let answer = try TestGateway.message(try #require(await stream.response()))
        return (answer.result?["tools"]?.elements ?? []).compactMap { $0["name"]?.string }
    }

    @Test("A changed list is read again and open sessions are told")
    func listChanged() async throws {
        let backend = MemoryBackend(lists: ["tools/list": tools("a")])
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        let events = RecordingStream()
        session.attach(events)
        #expect(try await list(session) == ["b_a"])
        backend.set { $0.lists["tools/list"] = self.tools("a", "c") }
        backend.say(#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#, session: backend.sessions[0])
        #expect(
            await events.messages(1) == [#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#])
        #expect(try await list(session) == ["b_a", "b_c"])
    }

    @Test(
        "An item of any kind that comes or goes is told on both ways, told of by its backend or found after its return",
        arguments: OfferKind.allCases, [false, true])
    func everyKind(kind: OfferKind, returns: Bool) async throws {
        func list(_ kind: OfferKind, _ item: String) -> String { "{\"\(kind.rawValue)\":[\(item)]}" }
        let backend = MemoryBackend(
            lists: Dictionary(uniqueKeysWithValues: OfferKind.allCases.map { ($0.listMethod, list($0, "")) }))
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        let events = RecordingStream()
        session.attach(events)
        let filter = #"{"promptsListChanged":true,"resourcesListChanged":true,"toolsListChanged":true}"#
        let listen = try await gateway.post("subscriptions/listen", "\"notifications\":\(filter)")
        _ = await listen.messages(1)
        let told = "\"method\":\"\(kind.changedMethod)\""
        for (count, item) in [#"{"name":"x","uri":"x:y","uriTemplate":"x:{y}"}"#, ""].enumerated() {
            // Long enough that neither a loss nor a reading counts as one after another.
            gateway.clock.advance(by: 61_000)
            backend.set { $0.lists[kind.listMethod] = list(kind, item) }
            let listing = backend.sessions[0]
            if returns {
                backend.lose(listing, Outcome(.unavailable, message: "exited"))
            } else {
                backend.say("{\"jsonrpc\":\"2.0\",\(told)}", session: listing)
            }
            let (onStream, onListen) = (await events.messages(count + 1), await listen.messages(count + 2))
            #expect(onStream.count == count + 1 && onStream.allSatisfy { $0.contains(told) })
            #expect(onListen.count == count + 2 && onListen.dropFirst().allSatisfy { $0.contains(told) })
        }
    }

    @Test("A backend that cannot start takes away its own part, and says why")
    func downBackend() async throws {
        let (good, bad) = (MemoryBackend(), MemoryBackend())
        bad.set { $0.startFailure = Outcome(.unavailable, message: "no such program") }
        let gateway = TestGateway(["bad": bad, "good": good])
        let session = try await gateway.session()
        #expect(try await list(session) == ["good_echo"])
        let status = try #require(gateway.server.keeper.statuses.first { $0.name == "bad" })
        #expect(status.health == "unhealthy" && status.message == "no such program")
    }

    @Test("A list that fails takes away its own kind alone")
    func failingKind() async throws {
        let backend = MemoryBackend(lists: ["tools/list": tools("a"), "prompts/list": #"{"wrong":1}"#])
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        #expect(try await list(session) == ["b_a"])
        let status = try #require(gateway.server.keeper.statuses.first)
        #expect(status.health == "degraded")
        #expect(status.message.contains("prompts/list"))
    }

    @Test(
        "A list that is too long, in one page or in many, is lost with its limit, and nothing else is",
        arguments: [
            (pages: 1, items: 100_001, reason: "lists more than 100000 tools (operational.limits.listItems)"),
            (pages: 10_000, items: 1, reason: "has more than 10000 pages of tools (operational.limits.listPages)"),
        ])
    func endless(pages: Int, items: Int, reason: String) async throws {
        let backend = MemoryBackend(
            traits: [.shareable], lists: ["prompts/list": #"{"prompts":[{"name":"p"}]}"#])
        backend.set { $0.heldMethods = ["tools/list"] }
        let gateway = TestGateway(["b": backend])
        let list = repeatElement("{}", count: items).joined(separator: ",")
        for page in 0..<pages {
            backend.answer(
                await backend.next("tools/list"), result: #"{"tools":[\#(list)],"nextCursor":"\#(page)"}"#)
        }
        await gateway.server.keeper.firstRound()
        #expect(gateway.server.keeper.statuses.first?.failedKinds[.tools] == reason)
        #expect(gateway.server.keeper.snapshot.catalog.prompts.map(\.name) == ["b_p"])
    }

    @Test("A lost backend is opened again at once; calls meanwhile fail or wait, none hangs")
    func reopened() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo"}}"#)
        let call = await backend.next("tools/call")
        backend.lose(call.session, Outcome(.unavailable, message: "exited with code 3"))
        #expect(try #require(await stream.response()).contains("exited with code 3"))
        await backend.until { $0.received.filter { $0.method == "tools/list" }.count == 2 }
        let again = try session.ask(#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"b_echo"}}"#)
        backend.answer(await backend.next("tools/call"), result: "{}")
        #expect(await again.response() == #"{"jsonrpc":"2.0","id":2,"result":{}}"#)
    }

    @Test("With partialFailureMode fail a list is an error that names the missing backends", arguments: [true, false])
    func partialFailure(fails: Bool) async throws {
        let bad = MemoryBackend()
        bad.set { $0.startFailure = Outcome(.unavailable, message: "no such program") }
        let gateway = TestGateway(["bad": bad, "good": MemoryBackend()], failsPartially: fails)
        let session = try await gateway.session()
        let response = try #require(await session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#).response())
        #expect(response.contains("-32603") == fails && response.contains(#""missing":["bad"]"#) == fails)
        #expect(response.contains("good_echo") == !fails)
        // Not complete since the start; once it was, it has been.
        #expect(gateway.server.keeper.awaitsBackends)
        bad.set { $0.startFailure = nil }
        await gateway.clock.pass(1_000) { !gateway.server.keeper.awaitsBackends }
        bad.set { $0.startFailure = Outcome(.unavailable, message: "gone again") }
        bad.lose(bad.sessions[0], Outcome(.unavailable, message: "gone again"))
        await gateway.clock.until { $0.contains(1_000) }
        #expect(!gateway.server.keeper.awaitsBackends)
    }

    @Test("Each coming and going of a backend is told once, with the reason")
    func told() async throws {
        let told = RecordingStream()
        let keeper = CatalogKeeper(
            pipeline: Pipeline(AggregationSettings()), clock: HeldClock().clock,
            backends: [BackendDescriptor(name: "b", kind: "Memory", transport: "memory")],
            backendChanged: { _ = told.send(Array("\($0.phase) \($0.message)".utf8)) }, changed: { _, _ in })
        let server = BackendServer(
            revision: .handshake(.newest), offersTools: true, offersResources: false, offersSubscriptions: false,
            offersPrompts: false, offersCompletions: false, offersLogging: false, name: "", version: "")
        for _ in 0..<2 { keeper.offered(BackendOffer(backend: "b"), server: server) }
        for reason in ["refused", "refused", "exited"] { keeper.withdrawn("b", Outcome(.unavailable, message: reason)) }
        #expect(told.sent == ["ready ", "down refused", "down exited"])
    }

    @Test("A client that has no stream yet is told of changes when it has one, once")
    func lateStream() async throws {
        let backend = MemoryBackend(lists: ["tools/list": tools("a")])
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        for (turn, names) in [tools("a", "c"), tools("a", "c", "d")].enumerated() {
            backend.set { $0.lists["tools/list"] = names }
            backend.say(#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#, session: backend.sessions[0])
            // Readings of lists keep a distance, so time has to pass.
            while try await list(session).count < turn + 2 {
                gateway.clock.advance(by: 300)
                await Task.yield()
            }
        }
        let events = RecordingStream()
        session.attach(events)
        #expect(events.sent == [#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#])
    }

    @Test("The first request waits until what the backend tells arrives, or until its stream takes too long")
    func streamFirst() async throws {
        let backend = MemoryBackend(traits: [], listens: true)
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        backend.set { $0.opensStreamsLate = true }
        let call = #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo"}}"#
        let stream = try session.ask(call)
        await backend.until { $0.listens.count == 2 }
        #expect(!backend.methods.contains("tools/call"))
        backend.set { $0.listens.last?.progressed("listening") }
        backend.answer(await backend.next("tools/call"), result: "{}")
        _ = await stream.response()
    }
}
