import Testing

@testable import Gateway

@Suite("Backends over HTTP that come back as another era", .timeLimit(.minutes(2)))
struct EraChangeTests {
    private static let ask =
        #"{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"b_echo","arguments":{"n":1.0}}}"#
    private static let answer = #"{"jsonrpc":"2.0","id":"c","result":{"content":[]}}"#

    /// How a server refuses a request of another era.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let status: Int
        /// The error, raw; `nil` for a body that is no JSON.
        var error: String?
        /// The raw id of the error; `nil` = that of the request.
        var id: String?
        var testDescription: String { "\(status) \(error ?? "without JSON-RPC")" }

        func end(_ waiting: MemoryBackend.Waiting, _ backend: MemoryBackend) {
            let id = id ?? String(decoding: waiting.id, as: UTF8.self)
            backend.end(waiting, status: status, error.map { #"{"jsonrpc":"2.0","id":\#(id),"error":\#($0)}"# } ?? "")
        }
    }

    /// Of servers of 2026-07-28, and of what stands before them, to a request of a session.
    private static let modern = [
        Refusal(status: 400, error: #"{"code":-32022,"message":"no","data":{"supported":["2026-07-28"]}}"#),
        Refusal(status: 400, error: #"{"code":-32020,"message":"no","data":{"header":"Mcp-Method"}}"#, id: "null"),
        Refusal(status: 400, error: #"{"code":-32602,"message":"_meta lacks the protocol version"}"#),
        Refusal(status: 404, error: #"{"code":-32601,"message":"no"}"#), Refusal(status: 400), Refusal(status: 404),
    ]

    /// Of servers with sessions to a request of 2026-07-28.
    private static let older = [
        Refusal(status: 400, error: #"{"code":-32000,"message":"Server not initialized"}"#, id: "null"),
        Refusal(status: 400, error: #"{"code":-32600,"message":"Missing session ID"}"#, id: #""server-error""#),
        Refusal(status: 400, error: #"{"code":-32022,"message":"no","data":{"supported":["2025-11-25"]}}"#),
        Refusal(status: 400), Refusal(status: 404), Refusal(status: 405), Refusal(status: 406),
    ]

    private func backend(isModern: Bool) -> MemoryBackend {
        MemoryBackend(traits: [.hasHeaders], discoverResult: isModern ? MemoryBackend.discovered : nil)
    }

    private func version(_ waiting: MemoryBackend.Waiting) -> [String] {
        waiting.context.headers.filter { $0.name == "MCP-Protocol-Version" }.map(\.value)
    }

    @Test("A server that speaks 2026-07-28 alone now gets the refused call once more", arguments: modern)
    func becomesModern(refusal: Refusal) async throws {
        let backend = backend(isModern: false)
        let gateway = TestGateway(["b": backend])
        let stream = try await gateway.session().ask(Self.ask)
        let first = await backend.next("tools/call")
        #expect(version(first) == ["2025-06-18"])
        backend.set { state in
            state.discoverResult = MemoryBackend.discovered
            state.errors["initialize"] = #"{"code":-32602,"message":"_meta lacks the protocol version"}"#
        }
        refusal.end(first, backend)
        let second = await backend.next("tools/call")
        #expect(version(second) == ["2026-07-28"])
        #expect(second.ownParams == #"{"name":"echo","arguments":{"n":1.0}}"#)
        backend.answer(second, result: #"{"resultType":"complete","content":[]}"#)
        #expect(await stream.response() == Self.answer)
        // The session that lists is not left behind at what is there no more.
        await backend.until { state in state.received.filter { $0.method == "tools/list" }.count == 2 }
        #expect(backend.sessions.count == 1)
    }

    @Test("A server that knows sessions alone now gets the refused call once more", arguments: older)
    func becomesOlder(refusal: Refusal) async throws {
        let backend = backend(isModern: true)
        let gateway = TestGateway(["b": backend])
        let stream = try await gateway.session().ask(Self.ask)
        let first = await backend.next("tools/call")
        #expect(version(first) == ["2026-07-28"])
        backend.set { $0.discoverResult = nil }
        refusal.end(first, backend)
        let second = await backend.next("tools/call")
        #expect(version(second) == ["2025-06-18"] && second.session != first.session)
        backend.answer(second, result: #"{"content":[]}"#)
        #expect(await stream.response() == Self.answer)
    }

    @Test("Requests without sessions are sent once more too", arguments: [true, false])
    func stateless(isModern: Bool) async throws {
        let backend = backend(isModern: isModern)
        let gateway = TestGateway(["b": backend])
        let answer = try await gateway.post("tools/call", #""name":"b_echo""#)
        let first = await backend.next("tools/call")
        backend.set { $0.discoverResult = isModern ? nil : MemoryBackend.discovered }
        Refusal(status: 400).end(first, backend)
        let second = await backend.next("tools/call")
        #expect(version(second) == [isModern ? "2025-06-18" : "2026-07-28"])
        backend.answer(second, result: "{}")
        #expect(await answer.text().contains(#""resultType":"complete""#))
    }

    @Test(
        "A server that is what it was keeps its session, and the refusal is the answer", arguments: [true, false])
    func unchanged(isModern: Bool) async throws {
        let backend = backend(isModern: isModern)
        let session = try await TestGateway(["b": backend]).session()
        let running = try session.ask(Self.ask.replacing(#""c""#, with: "1"))
        let long = await backend.next("tools/call")
        for refusal in isModern ? Self.older.filter({ $0.error == nil }) : Self.modern {
            let stream = try session.ask(Self.ask)
            let call = await backend.next("tools/call")
            #expect(call.session == long.session)
            refusal.end(call, backend)
            let text = try #require(await stream.response())
            #expect(text.contains(refusal.error.map { "\"error\":\($0)" } ?? "status \(refusal.status)"), "\(refusal)")
        }
        backend.answer(long, result: #"{"content":[]}"#)
        #expect(await running.response() == Self.answer.replacing(#""c""#, with: "1"))
    }

    @Test("Calls that are refused together cost one question, and each is sent once more, once")
    func together() async throws {
        let backend = backend(isModern: true)
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        var streams: [RecordingStream] = []
        for id in 1...3 { streams.append(try session.ask(Self.ask.replacing(#""c""#, with: "\(id)"))) }
        let calls = [
            await backend.next("tools/call"), await backend.next("tools/call"), await backend.next("tools/call"),
        ]
        let before = backend.methods.count { $0 == "server/discover" }
        backend.set { state in
            state.discoverResult = nil
            state.heldMethods = ["server/discover"]
        }
        for call in calls.dropLast() { Refusal(status: 400).end(call, backend) }
        let question = await backend.next("server/discover")
        #expect(backend.methods.count { $0 == "server/discover" } == before + 1)
        backend.set { $0.heldMethods = [] }
        Refusal(status: 400).end(question, backend)
        for _ in 0..<2 {
            // A second refusal is told: nothing is sent a third time.
            backend.end(await backend.next("tools/call"), status: 400)
        }
        for stream in streams { #expect(await stream.response()?.contains(#""isError":true"#) == true) }
        // The one that was not refused may have run.
        #expect(backend.methods.count { $0 == "tools/call" } == 5)
    }

    @Test("A call that is cancelled while the server is asked is not sent again")
    func cancelled() async throws {
        let backend = backend(isModern: false)
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        let stream = try session.ask(Self.ask)
        let call = await backend.next("tools/call")
        backend.set { $0.heldMethods = ["server/discover"] }
        Refusal(status: 400).end(call, backend)
        let question = await backend.next("server/discover")
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c"}}"#))
        backend.answer(question, result: MemoryBackend.discovered)
        #expect(await stream.response() == nil)
        #expect(backend.methods.count { $0 == "tools/call" } == 1)
    }

    @Test("A stream that a restarted server refuses shows that it is another, before anybody calls")
    func stream() async throws {
        let backend = MemoryBackend(traits: [.hasHeaders], listens: true)
        let gateway = TestGateway(["b": backend])
        _ = try await gateway.session()
        await backend.until { $0.listens.count == 1 }
        backend.endListen(Outcome(.ok))
        await gateway.clock.sleeper(1_000)
        gateway.clock.advance(by: 1_000)
        await backend.until { state in state.received.count { $0.method == "tools/list" } == 2 }
        backend.set { state in
            state.discoverResult = MemoryBackend.discovered
            state.lists["tools/list"] = #"{"tools":[{"name":"new"}]}"#
        }
        backend.endListen(Outcome(.unsupported, httpStatus: 405))
        await gateway.catalogs.until { $0.contains("b_new") }
        #expect(gateway.server.keeper.statuses.first?.revision == .modern)
    }

    @Test("A stream that the server answers with the end of the session ends it, and the lists are read over a new one")
    func endedSession() async throws {
        let backend = MemoryBackend(traits: [.hasHeaders], listens: true)
        let gateway = TestGateway(["b": backend])
        _ = try await gateway.session()
        await backend.until { $0.listens.count == 1 }
        backend.set { $0.lists["tools/list"] = #"{"tools":[{"name":"new"}]}"# }
        backend.endListen(Outcome(.notFound, notSent: true, sessionLost: true, httpStatus: 404))
        await gateway.catalogs.until { $0.contains("b_new") }
    }
}
