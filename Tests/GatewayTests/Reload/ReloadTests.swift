import Testing

@testable import Gateway

@Suite("Another configuration while the gateway runs", .timeLimit(.minutes(2)))
struct ReloadTests {
    private func tools(_ names: String...) -> [String: String] {
        [
            "tools/list": #"{"tools":["# + names.map { #"{"name":"\#($0)","inputSchema":{}}"# }.joined(separator: ",")
                + "]}"
        ]
    }

    private func list(_ session: any ClientSession) async throws -> [String] {
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":"list","method":"tools/list"}"#)
        let answer = try TestGateway.message(try #require(await stream.response()))
        return (answer.result?["tools"]?.elements ?? []).compactMap { $0["name"]?.string }
    }

    private func call(_ session: any ClientSession, _ tool: String, id: Int) throws -> RecordingStream {
        try session.ask(
            #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":{}}}"#)
    }

    /// Has a gateway take over these backends.
    private func reload(
        _ gateway: TestGateway, _ backends: [String: MemoryBackend], timeout: UInt64 = 30_000,
        _ change: (inout VirtualServer.Settings) -> Void = { _ in }
    ) async -> ReloadOutcome {
        var settings = gateway.server.settings
        change(&settings)
        return await gateway.server.reload(
            settings,
            backends: backends.sorted { $0.key < $1.key }.map { name, backend in
                (
                    BackendDescriptor(name: name, kind: "Memory", transport: "memory", timeout: timeout),
                    backend as any BackendStarter
                )
            })
    }

    private let result = #"{"content":[]}"#

    @Test("Backends come and go at once, clients are told once, and those that stay keep their sessions")
    func membership() async throws {
        let (stays, goes, comes) = (MemoryBackend(), MemoryBackend(), MemoryBackend())
        let gateway = TestGateway(["goes": goes, "stays": stays])
        let session = try await gateway.session()
        let events = RecordingStream()
        session.attach(events)
        let first = try call(session, "stays_echo", id: 1)
        stays.answer(await stays.next("tools/call"), result: result)
        #expect(await first.response()?.contains("result") == true)
        let sessions = stays.sessions
        let unused = MemoryBackend()
        let outcome = await reload(gateway, ["stays": unused, "comes": comes], timeout: 5_000)
        #expect(outcome == ReloadOutcome(added: ["comes"], removed: ["goes"]))
        #expect(try await list(session) == ["comes_echo", "stays_echo"])
        #expect(events.sent == [#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#])
        #expect(stays.sessions == sessions && stays.starts == 1 && unused.starts == 0)
        #expect(gateway.server.backend(named: "stays")?.descriptor.timeout == 5_000)
        #expect(gateway.server.keeper.statuses.map(\.name) == ["comes", "stays"])
        let second = try call(session, "comes_echo", id: 2)
        comes.answer(await comes.next("tools/call"), result: result)
        #expect(await second.response()?.contains("result") == true)
        let gone = try call(session, "goes_echo", id: 3)
        #expect(await gone.response()?.contains("Unknown tool") == true)
    }

    @Test("The same configuration again tells nobody anything")
    func nothingChanged() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["a": backend])
        let session = try await gateway.session()
        let events = RecordingStream()
        session.attach(events)
        #expect(await reload(gateway, ["a": MemoryBackend()]).isEmpty)
        #expect(await reload(gateway, ["a": MemoryBackend()]).isEmpty)
        #expect(events.sent.isEmpty && backend.starts == 1)
    }

    @Test("A call under way ends on the former backend, the next one goes to its successor", arguments: [true, false])
    func replacement(isShared: Bool) async throws {
        let traits: BackendTraits = isShared ? [.shareable, .answersOnSession] : [.answersOnSession]
        let former = MemoryBackend(traits: traits)
        let next = MemoryBackend(traits: traits, fingerprint: [1])
        let gateway = TestGateway(["a": former])
        let session = try await gateway.session()
        let events = RecordingStream()
        session.attach(events)
        let first = try call(session, "a_echo", id: 1)
        let underWay = await former.next("tools/call")
        #expect(await reload(gateway, ["a": next]).replaced == ["a"])
        let second = try call(session, "a_echo", id: 2)
        next.answer(await next.next("tools/call"), result: #"{"content":[],"x":"next"}"#)
        #expect(await second.response()?.contains("next") == true)
        // The former one ends when nothing is under way on it.
        #expect(former.sessions.contains(underWay.session))
        await gateway.clock.until { $0.contains(45) }
        former.answer(underWay, result: #"{"content":[],"x":"former"}"#)
        #expect(await first.response()?.contains("former") == true)
        await drain(gateway, looks: 2)
        await former.until { $0.sessions.isEmpty }
        #expect(events.sent.isEmpty)
        #expect(gateway.server.drains.count <= 1)
    }

    /// Lets backends that have left find out that they are idle.
    private func drain(_ gateway: TestGateway, looks: Int) async {
        for _ in 0..<looks {
            await gateway.clock.until { $0.contains(45) }
            gateway.clock.advance(by: 45)
        }
    }

    @Test("A call without a session ends on the former backend, the next one goes to its successor")
    func stateless() async throws {
        let (former, next) = (MemoryBackend(), MemoryBackend(fingerprint: [1]))
        let gateway = TestGateway(["a": former])
        let members = #""name":"a_echo","arguments":{}"#
        let first = try await gateway.post("tools/call", members)
        let underWay = await former.next("tools/call")
        _ = await reload(gateway, ["a": next])
        let second = try await gateway.post("tools/call", members)
        next.answer(await next.next("tools/call"), result: result)
        #expect(await second.text().contains(#""content":[]"#))
        former.answer(underWay, result: #"{"content":[],"x":"former"}"#)
        #expect(await first.text().contains("former"))
    }

    @Test("A successor that does not answer takes its place when it does; until then the former one goes on")
    func late() async throws {
        let (former, next) = (MemoryBackend(), MemoryBackend(fingerprint: [1], lists: tools("other")))
        next.set { $0.heldMethods = ["tools/list"] }
        let gateway = TestGateway(["a": former])
        let session = try await gateway.session()
        let reloading = Task { await self.reload(gateway, ["a": next]) }
        await gateway.clock.sleeper(8_000)
        let waiting = await next.next("tools/list")
        gateway.clock.advance(by: 8_000)
        #expect(await reloading.value == ReloadOutcome(replaced: ["a"], late: ["a"]))
        let stream = try call(session, "a_echo", id: 1)
        former.answer(await former.next("tools/call"), result: result)
        #expect(await stream.response()?.contains("result") == true)
        let events = RecordingStream()
        session.attach(events)
        next.answer(waiting, result: tools("other")["tools/list"] ?? "")
        _ = await events.messages(1)
        #expect(try await list(session) == ["a_other"])
    }

    @Test("A successor that was replaced in its turn never takes the place")
    func superseded() async throws {
        let former = MemoryBackend()
        let slow = MemoryBackend(fingerprint: [1])
        slow.set { $0.heldMethods = ["tools/list"] }
        let gateway = TestGateway(["a": former])
        let session = try await gateway.session()
        let reloading = Task { await self.reload(gateway, ["a": slow]) }
        await gateway.clock.sleeper(8_000)
        let waiting = await slow.next("tools/list")
        gateway.clock.advance(by: 8_000)
        _ = await reloading.value
        // Back to what is served.
        #expect(await reload(gateway, ["a": MemoryBackend()]).isEmpty)
        slow.answer(waiting, result: tools("other")["tools/list"] ?? "")
        await drain(gateway, looks: 1)
        await slow.until { $0.sessions.isEmpty }
        #expect(try await list(session) == ["a_echo"])
    }

    @Test("A backend that cannot start after a change is shown so, and its tools go")
    func broken() async throws {
        let (former, next) = (MemoryBackend(), MemoryBackend(fingerprint: [1]))
        next.set { $0.startFailure = Outcome(.unavailable, message: "no such program") }
        let gateway = TestGateway(["a": former])
        let session = try await gateway.session()
        #expect(await reload(gateway, ["a": next]).late == [])
        #expect(try await list(session).isEmpty)
        #expect(gateway.server.keeper.statuses.first?.message == "no such program")
    }

    @Test("Names, filters and limits are those of the new configuration")
    func settings() async throws {
        let backend = MemoryBackend(lists: tools("echo", "other"))
        let gateway = TestGateway(["a": backend])
        let session = try await gateway.session()
        let outcome = await reload(gateway, ["a": MemoryBackend()]) { settings in
            settings.aggregation.prefixFormat = "{workload}."
            settings.sessionCapacity = 7
            settings.session.subscriptionsPerPrincipal = 3
            settings.passthroughHeaders = ["x-team"]
        }
        #expect(outcome.isEmpty)
        #expect(try await list(session) == ["a.echo", "a.other"])
        #expect(gateway.server.sessions.capacity == 7 && gateway.server.subscriptions.limit == 3)
        #expect(gateway.server.passthroughHeaders == ["x-team"])
    }
}
