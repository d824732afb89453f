import Synchronization
import Testing

@testable import Gateway

/// An identity as the host would register it.
private final class Shown: CallerIdentity {
    let number: UInt64
    init(_ number: UInt64) { self.number = number }
}

@Suite("What each caller sees", .timeLimit(.minutes(2)))
struct CallerCatalogTests {
    private static let (alice, bob) = (caller("alice", 7), caller("bob", 9))

    private static func caller(_ subject: String, _ number: UInt64) -> Principal {
        Principal(issuer: "https://issuer.example", subject: subject, identity: Shown(number))
    }

    private static func tools(_ names: String...) -> String {
        #"{"tools":["# + names.map { #"{"name":"\#($0)","inputSchema":{}}"# }.joined(separator: ",") + "]}"
    }

    /// A backend that lists for alice (7, and 8 with her second token) and bob (9) alone.
    private static func guarded(_ traits: BackendTraits = [], fingerprint: [UInt8] = []) -> MemoryBackend {
        let backend = MemoryBackend(traits: traits, listens: true, fingerprint: fingerprint)
        backend.set { state in
            state.openFailures[0] = Outcome(.unauthenticated, httpStatus: 401, message: "wants a token")
            for number in [7, 8] as [UInt64] { state.ownLists[number] = ["tools/list": tools("hers", "both")] }
            state.ownLists[9] = ["tools/list": tools("his", "both")]
        }
        return backend
    }

    private static func gateway(
        _ guarded: MemoryBackend, limits: CallerLimits = CallerLimits(),
        optimizer: (settings: OptimizerSettings, search: any ToolSearch)? = nil
    ) -> TestGateway {
        TestGateway(
            ["guarded": guarded, "open": MemoryBackend()], listsForCallers: ["guarded"], callers: limits,
            optimizer: optimizer)
    }

    private func list(_ session: any ClientSession) async throws -> [String] {
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        let answer = try TestGateway.message(try #require(await stream.response()))
        return (answer.result?["tools"]?.elements ?? []).compactMap { $0["name"]?.string }
    }

    private func call(_ session: any ClientSession, _ tool: String) throws -> RecordingStream {
        try session.ask(#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"\#(tool)"}}"#)
    }

    @Test("Each caller is listed what the backend offers with the caller's own credential, and can call no more")
    func own() async throws {
        let backend = Self.guarded()
        let gateway = Self.gateway(backend)
        let hers = try await gateway.session(principal: Self.alice)
        let his = try await gateway.session(principal: Self.bob)
        #expect(try await list(hers) == ["guarded_both", "guarded_hers", "open_echo"])
        #expect(try await list(his) == ["guarded_both", "guarded_his", "open_echo"])
        #expect(try #require(await call(his, "guarded_hers").response()).contains("Unknown tool: guarded_hers"))
        let answer = try call(hers, "guarded_hers")
        let waiting = await backend.next("tools/call")
        #expect(waiting.context.identity == 7)
        backend.answer(waiting, result: "{}")
        #expect(await answer.response() == #"{"jsonrpc":"2.0","id":2,"result":{}}"#)
    }

    @Test("The catalogue for everybody has nothing of it, and its status says that the backend lists for callers")
    func everybody() async throws {
        let gateway = Self.gateway(Self.guarded())
        _ = try await gateway.session(principal: Self.alice)
        #expect(gateway.server.keeper.snapshot.catalog.tools.map(\.name) == ["open_echo"])
        let status = try #require(gateway.server.keeper.statuses.first { $0.name == "guarded" })
        #expect(status.health == "healthy" && status.message.contains("caller's own credential"))
    }

    @Test("A credential that cannot be had for the gateway's own requests shows, and takes nothing from callers")
    func strategyFault() async throws {
        let backend = Self.guarded()
        backend.set { $0.openFailures[0] = Outcome(.unauthenticated, notSent: true, message: "wrong secret") }
        let gateway = Self.gateway(backend)
        let session = try await gateway.session(principal: Self.alice)
        let status = try #require(gateway.server.keeper.statuses.first { $0.name == "guarded" })
        #expect(status.health == "unauthenticated" && status.message == "wrong secret")
        #expect(try await list(session) == ["guarded_both", "guarded_hers", "open_echo"])
        let answer = try call(session, "guarded_hers")
        backend.answer(await backend.next("tools/call"), result: "{}")
        #expect(await answer.response() == #"{"jsonrpc":"2.0","id":2,"result":{}}"#)
    }

    @Test("Requests without sessions see the caller's own lists too")
    func stateless() async throws {
        let gateway = Self.gateway(Self.guarded())
        for (principal, tool) in [(Self.alice, "guarded_hers"), (Self.bob, "guarded_his")] {
            #expect(!gateway.server.isReady(for: principal))
            await gateway.server.ready(for: principal)
            let listed = try await gateway.post("tools/list", principal: principal).response()
            let names = (listed["result"]?["tools"]?.elements ?? []).compactMap { $0["name"]?.string }
            #expect(names == ["guarded_both", tool, "open_echo"])
        }
    }

    @Test("A changed list reaches the caller whose session told it, and nobody else")
    func changed() async throws {
        let backend = Self.guarded([.answersOnSession])
        let gateway = Self.gateway(backend)
        let (hers, his) = (
            try await gateway.session(principal: Self.alice), try await gateway.session(principal: Self.bob)
        )
        let (herEvents, hisEvents) = (RecordingStream(), RecordingStream())
        hers.attach(herEvents)
        his.attach(hisEvents)
        backend.set { $0.ownLists[7]?["tools/list"] = Self.tools("hers", "both", "new") }
        let session = try #require(backend.session(of: 7))
        backend.say(#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#, session: session)
        #expect(
            await herEvents.messages(1) == [#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#])
        #expect(try await list(hers) == ["guarded_both", "guarded_hers", "guarded_new", "open_echo"])
        #expect(try await list(his) == ["guarded_both", "guarded_his", "open_echo"])
        #expect(hisEvents.sent.isEmpty)
    }

    @Test("What does not depend on the caller changes for all")
    func shared() async throws {
        let open = MemoryBackend()
        let gateway = TestGateway(["guarded": Self.guarded(), "open": open], listsForCallers: ["guarded"])
        let hers = try await gateway.session(principal: Self.alice)
        let events = RecordingStream()
        hers.attach(events)
        open.set { $0.lists["tools/list"] = Self.tools("other") }
        open.say(#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#, session: open.sessions[0])
        _ = await events.messages(1)
        #expect(try await list(hers) == ["guarded_both", "guarded_hers", "open_other"])
    }

    @Test("A newer token of the caller is what lists are read with from then on")
    func newerToken() async throws {
        let backend = Self.guarded([.answersOnSession])
        let gateway = Self.gateway(backend)
        let session = try await gateway.session(principal: Self.alice)
        let newer = Self.caller("alice", 8)
        #expect(gateway.server.session(session.id, principal: newer) != nil)
        let events = RecordingStream()
        session.attach(events)
        backend.set { $0.ownLists[8] = ["tools/list": Self.tools("newer")] }
        backend.say(
            #"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#,
            session: try #require(backend.session(of: 7)))
        _ = await events.messages(1)
        #expect(try await list(session) == ["guarded_newer", "open_echo"])
    }

    @Test("Callers who are offered the same share one catalogue")
    func sharedCatalog() async throws {
        let backend = Self.guarded()
        let gateway = Self.gateway(backend)
        backend.set { $0.ownLists[9] = $0.ownLists[7] }
        for principal in [Self.alice, Self.bob] { await gateway.server.ready(for: principal) }
        let hers = try #require(gateway.server.catalog(for: Self.alice))
        #expect(gateway.server.catalog(for: Self.bob) === hers)
        #expect(gateway.server.keeper.snapshot.catalog !== hers)
    }

    @Test("Catalogues are bounded: the one unused for longest goes, its sessions are closed, and it can be made again")
    func bounded() async throws {
        let backend = Self.guarded()
        var limits = CallerLimits()
        limits.callers = 1
        let gateway = Self.gateway(backend, limits: limits)
        let hers = try await gateway.session(principal: Self.alice)
        let session = try #require(backend.session(of: 7))
        await gateway.server.ready(for: Self.bob)
        #expect(gateway.server.callers?.count == 1)
        await backend.until { $0.closed.contains(session) }
        #expect(try await list(hers) == ["guarded_both", "guarded_hers", "open_echo"])
    }

    @Test("Who was away for long and has nothing open is forgotten")
    func idle() async throws {
        let backend = Self.guarded()
        let gateway = Self.gateway(backend)
        let hers = try await gateway.session(principal: Self.alice)
        await gateway.server.ready(for: Self.bob)
        gateway.clock.advance(by: 600_001)
        await gateway.server.sweep()
        #expect(gateway.server.callers?.count == 1)
        #expect(gateway.server.catalog(for: Self.bob) == nil)
        #expect(try await list(hers) == ["guarded_both", "guarded_hers", "open_echo"])
        await hers.end()
        gateway.clock.advance(by: 600_001)
        await gateway.server.sweep()
        #expect(gateway.server.callers?.count == 0)
        await backend.until { $0.sessions.isEmpty }
    }

    @Test("A backend that keeps a caller waiting takes the caller's time up to a limit, and nothing of others")
    func slow() async throws {
        let backend = Self.guarded()
        backend.set { $0.silent = [7] }
        var limits = CallerLimits()
        limits.patience = 4_321
        let gateway = Self.gateway(backend, limits: limits)
        #expect(try await list(gateway.session(principal: Self.bob)).count == 3)
        async let session = gateway.session(principal: Self.alice)
        await gateway.clock.sleeper(4_321)
        gateway.clock.advance(by: 4_321)
        #expect(try await list(session) == ["open_echo"])
    }

    /// What `tools/list` says is missing.
    private func missing(_ session: any ClientSession) async throws -> [String] {
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        let answer = try TestGateway.message(try #require(await stream.response()))
        return (answer.result?["_meta"]?["vmcp.dev/missing"]?.elements ?? []).compactMap { $0["backend"]?.string }
    }

    @Test("Each caller's lists say which backends are missing for that caller")
    func marker() async throws {
        let (backend, open) = (Self.guarded(), MemoryBackend())
        backend.set { $0.openFailures[9] = Outcome(.unavailable, message: "not for him") }
        let gateway = TestGateway(["guarded": backend, "open": open], listsForCallers: ["guarded"])
        let (hers, his) = (
            try await gateway.session(principal: Self.alice), try await gateway.session(principal: Self.bob)
        )
        #expect(try await missing(hers) == [])
        #expect(try await missing(his) == ["guarded"])
        let events = RecordingStream()
        hers.attach(events)
        open.set { $0.startFailure = Outcome(.unavailable, message: "gone") }
        open.lose(open.sessions[0], Outcome(.unavailable, message: "gone"))
        _ = await events.messages(1)
        #expect(try await list(hers) == ["guarded_both", "guarded_hers"])
        #expect(try await missing(hers) == ["open"])
        #expect(try #require(await call(hers, "open_echo").response()).contains(#""backend":"open""#))
    }

    @Test("After a reload every caller's lists are read again by what holds now, and all are told")
    func reload() async throws {
        let gateway = Self.gateway(Self.guarded())
        let (hers, his) = (
            try await gateway.session(principal: Self.alice), try await gateway.session(principal: Self.bob)
        )
        let events = RecordingStream()
        hers.attach(events)
        func reload(_ guarded: MemoryBackend?, _ change: (inout VirtualServer.Settings) -> Void = { _ in }) async
            -> ReloadOutcome
        {
            var settings = gateway.server.settings
            change(&settings)
            func descriptor(_ name: String) -> BackendDescriptor {
                BackendDescriptor(
                    name: name, kind: "Memory", transport: "memory", listsForCallers: name == "guarded",
                    health: .onDoubtOnly)
            }
            var backends: [(BackendDescriptor, any BackendStarter)] = [(descriptor("open"), MemoryBackend())]
            if let guarded { backends.append((descriptor("guarded"), guarded)) }
            return await gateway.server.reload(settings, backends: backends)
        }
        let newer = Self.guarded(fingerprint: [1])
        newer.set { $0.ownLists[7] = ["tools/list": Self.tools("newer")] }
        #expect(await reload(newer).replaced == ["guarded"])
        #expect(
            await events.messages(3)
                == ["prompts", "resources", "tools"].map {
                    #"{"jsonrpc":"2.0","method":"notifications/\#($0)/list_changed"}"#
                })
        #expect(try await list(hers) == ["guarded_newer", "open_echo"])
        #expect(try await list(his) == ["guarded_both", "guarded_his", "open_echo"])
        let answer = try call(hers, "guarded_newer")
        let waiting = await newer.next("tools/call")
        #expect(waiting.context.identity == 7)
        newer.answer(waiting, result: "{}")
        #expect(await answer.response() == #"{"jsonrpc":"2.0","id":2,"result":{}}"#)
        // Names of the new configuration hold for callers' lists too; the backend stays.
        let unused = MemoryBackend(fingerprint: [1])
        #expect(await reload(unused) { $0.aggregation.prefixFormat = "{workload}." }.isEmpty)
        #expect(try await list(hers) == ["guarded.newer", "open.echo"])
        #expect(try await list(his) == ["guarded.both", "guarded.his", "open.echo"])
        #expect(unused.starts == 0)
        #expect(await reload(nil).removed == ["guarded"])
        #expect(gateway.server.callers == nil)
        #expect(try await list(his) == ["open.echo"])
        #expect(await reload(Self.guarded()).added == ["guarded"])
        #expect(try await list(his) == ["guarded.both", "guarded.his", "open.echo"])
    }

    @Test("find_tool finds what the caller sees and nothing of what others see")
    func found() async throws {
        let search = PlainSearch()
        let gateway = Self.gateway(Self.guarded(), optimizer: (OptimizerSettings(), search))
        let (hers, his) = (
            try await gateway.session(principal: Self.alice), try await gateway.session(principal: Self.bob)
        )
        await search.until { $0.tools.count == 4 }
        for (session, tool) in [(hers, "guarded_hers"), (his, "guarded_his")] {
            let find = #"{"name":"find_tool","arguments":{"tool_description":"hers his both"}}"#
            let stream = try session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":\#(find)}"#)
            let text = try #require(await stream.response())
            #expect(text.contains(tool) && text.contains("guarded_both"))
            #expect(text.contains("guarded_hers") != text.contains("guarded_his"))
        }
    }
}
