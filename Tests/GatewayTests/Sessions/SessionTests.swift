@testable import Gateway
import Testing

@Suite("Client sessions", .timeLimit(.minutes(2)))
struct SessionTests {
    @Test(
        "The revision asked for is spoken when we serve it, else the newest with sessions",
        arguments: [
            ("2025-03-26", ProtocolRevision.v2025_03_26), ("2025-06-18", .v2025_06_18), ("2025-11-25", .v2025_11_25),
            ("2024-11-05", .v2024_11_05), ("1999-01-01", .v2025_11_25), ("2026-07-28", .v2025_11_25),
        ])
    func negotiation(asked: String, spoken: ProtocolRevision) async throws {
        let session = try await TestGateway([:]).session(revision: asked)
        #expect(session.revision == spoken)
    }

    @Test("initialize without protocolVersion is refused with -32602")
    func noVersion() async throws {
        let request = try TestGateway.message(#"{"jsonrpc":"2.0","id":3,"method":"initialize","params":{}}"#)
        guard
            case .refused(let response) = await TestGateway([:]).server.initialize(
                request, principal: .anonymous, headers: [])
        else {
            Issue.record("a session was opened")
            return
        }
        #expect(String(decoding: response, as: UTF8.self).contains(#""id":3,"error":{"code":-32602"#))
    }

    @Test(
        "Before the end sessions whose clients listen go on until they end, and no new one is opened",
        arguments: [true, false])
    func draining(endsByItself: Bool) async throws {
        let gateway = TestGateway([:])
        let (listens, rests) = (try await gateway.session(), try await gateway.session())
        listens.attach(RecordingStream())
        async let drained: Void = gateway.server.drainSessions(limit: 5_000)
        await gateway.clock.sleeper(45)
        let request = try TestGateway.message(
            #"{"jsonrpc":"2.0","id":3,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#)
        let outcome = await gateway.server.initialize(request, principal: .anonymous, headers: [])
        guard case .ending(let response) = outcome else {
            Issue.record("a session was opened")
            return
        }
        #expect(String(decoding: response, as: UTF8.self).contains("The gateway is ending"))
        for session in [listens, rests] { #expect(gateway.server.session(session.id, principal: .anonymous) != nil) }
        if endsByItself {
            await listens.end()
            gateway.clock.advance(by: 45)
        } else {
            gateway.clock.advance(by: 5_000)
        }
        await drained
    }

    @Test("A session answers only the principal that opened it")
    func binding() async throws {
        let gateway = TestGateway([:])
        let alice = Principal(issuer: "i", subject: "alice")
        let session = try await gateway.session(principal: alice)
        #expect(gateway.server.session(session.id, principal: alice) != nil)
        #expect(gateway.server.session(session.id, principal: .anonymous) == nil)
        #expect(gateway.server.session(session.id, principal: Principal(issuer: "j", subject: "alice")) == nil)
    }

    @Test("An unused session ends after its time; a used one stays")
    func expiry() async throws {
        let gateway = TestGateway([:])
        let (idle, used) = (try await gateway.session(), try await gateway.session())
        gateway.clock.advance(by: 1_799_999)
        #expect(gateway.server.session(used.id, principal: .anonymous) != nil)
        gateway.clock.advance(by: 1)
        await gateway.server.sweep()
        #expect(gateway.server.session(idle.id, principal: .anonymous) == nil)
        #expect(gateway.server.session(used.id, principal: .anonymous) != nil)
    }

    @Test(
        "A client that can be asked something gets a backend session of its own, others share one",
        arguments: [
            (BackendDescriptor.Isolation.auto, "{}", true), (.auto, #"{"elicitation":{}}"#, false),
            (.auto, #"{"sampling":{}}"#, false), (.auto, #"{"roots":{}}"#, false), (.shared, #"{"roots":{}}"#, true),
            (.private, "{}", false),
        ])
    func isolation(isolation: BackendDescriptor.Isolation, capabilities: String, shares: Bool) async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend], isolation: isolation)
        let session = try await gateway.session(capabilities: capabilities)
        let service = try #require(backend.sessions.first)
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo"}}"#)
        let call = await backend.next("tools/call")
        #expect((call.session == service) == shares)
        backend.answer(call, result: "{}")
        _ = await stream.response()
        await session.end()
        #expect(backend.closed == (shares ? [] : [call.session]))
    }

    @Test(
        "What the gateway answers itself",
        arguments: [
            (#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, #"{"jsonrpc":"2.0","id":1,"result":{}}"#),
            (#"{"jsonrpc":"2.0","id":1,"method":"no/such"}"#, "-32601"),
            (#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#, "-32600"),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nosuch"}}"#, "-32602"),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}"#, "-32602"),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, "-32602"),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","name":"b_echo"}}"#, "-32602"),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"Name":"x","name":"b_echo"}}"#, "-32602"),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"n\u0061me":"x","name":"b_echo"}}"#, "-32602"),
            (#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a:b","uri":"c:d"}}"#, "-32602"),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo","arguments":[1]}}"#, "-32602"),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"zzz"}}"#, "-32602"),
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":7}}"#, "-32602"),
            (
                #"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"nope://x"}}"#,
                #"{"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"Resource not found","data":{"uri":"nope://x"}}}"#
            ),
            (#"{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"nope"}}"#, "-32602"),
            (#"{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"loud"}}"#, "-32602"),
            (
                #"{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"info"}}"#,
                #"{"jsonrpc":"2.0","id":1,"result":{}}"#
            ),
            (#"{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/x"}}}"#, "-32602"),
        ])
    func ownAnswers(request: String, expected: String) async throws {
        let session = try await TestGateway(["b": MemoryBackend()]).session()
        let response = try #require(await session.ask(request).response())
        #expect(expected.hasPrefix("{") ? response == expected : response.contains(#""error":{"code":\#(expected),"#))
    }

    @Test("The backend's ping is answered, its other requests are refused", arguments: ["ping", "roots/list"])
    func serverRequests(method: String) async throws {
        let backend = MemoryBackend()
        _ = try await TestGateway(["b": backend]).session()
        backend.say(#"{"jsonrpc":"2.0","id":"s1","method":"\#(method)"}"#, session: backend.sessions[0])
        await backend.until { state in state.received.contains { $0.kind == .response } }
        let answer = try #require(backend.received.last { $0.kind == .response })
        #expect(answer.id?.string == "s1")
        #expect((answer.result != nil) == (method == "ping"))
    }

    @Test("Log messages under the session's level are left out")
    func logLevel() async throws {
        let backend = MemoryBackend(traits: [])
        let session = try await TestGateway(["b": backend]).session()
        _ = try await session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"warning"}}"#
        ).response()
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"b_echo"}}"#)
        let call = await backend.next("tools/call")
        for level in ["info", "error"] {
            _ = call.observer.received(
                Array(
                    #"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"\#(level)","data":1}}"#.utf8)
            )
        }
        backend.answer(call, result: "{}")
        _ = await stream.response()
        #expect(stream.sent.count == 1 && stream.sent[0].contains("error"))
    }

    @Test("A session that ended has no calls left and closes its streams")
    func end() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        let events = RecordingStream()
        session.attach(events)
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"b_echo"}}"#)
        _ = await backend.next("tools/call")
        await session.end()
        #expect(await stream.response() == nil)
        #expect(events.isClosed && gateway.server.sessions.count == 0)
        // The session may end while the request is still being sent.
        await backend.until { state in state.received.contains { $0.method == "notifications/cancelled" } }
    }

    @Test("An id that is under way is refused; ids of other types with the same text are others")
    func idInUse() async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session()
        func ask(_ id: String) throws -> RecordingStream {
            try session.ask(#"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"b_echo"}}"#)
        }
        let (number, text) = (try ask("1"), try ask("\"1\""))
        #expect(try #require(await ask("1").response()).contains(#""id":1,"error":{"code":-32600"#))
        for _ in 0..<2 { backend.answer(await backend.next("tools/call"), result: "{}") }
        #expect(await number.response() == #"{"jsonrpc":"2.0","id":1,"result":{}}"#)
        #expect(await text.response() == #"{"jsonrpc":"2.0","id":"1","result":{}}"#)
        let again = try ask("1")
        backend.answer(await backend.next("tools/call"), result: "{}")
        #expect(await again.response() == #"{"jsonrpc":"2.0","id":1,"result":{}}"#)
    }

    @Test("A request that comes after the end of its session is ended and opens nothing")
    func requestAfterEnd() async throws {
        let backend = MemoryBackend(traits: [])
        let session = try await TestGateway(["b": backend]).session()
        await session.end()
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"b_echo"}}"#)
        #expect(await stream.response() == nil)
        #expect(backend.sessions.count == 1)
    }

    @Test("A session that ends while a backend session is being opened for it leaves none behind")
    func endWhileOpening() async throws {
        let backend = MemoryBackend(traits: [])
        let session = try await TestGateway(["b": backend]).session()
        backend.set { $0.heldMethods = ["initialize"] }
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"b_echo"}}"#)
        let opening = await backend.next("initialize")
        await session.end()
        #expect(await stream.response() == nil)
        backend.answer(opening, result: backend.initializeResult)
        await backend.until { !$0.closed.isEmpty }
        #expect(backend.closed == [opening.session])
        #expect(!backend.methods.contains("tools/call"))
    }

    @Test("The time of a session counts from the end of its last call, and of its last stream")
    func expiryAfterUse() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend])
        let (calling, listening) = (try await gateway.session(), try await gateway.session())
        let stream = try calling.ask(
            #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"b_echo","_meta":{"progressToken":1}}}"#)
        let events = RecordingStream()
        listening.attach(events)
        let call = await backend.next("tools/call")
        gateway.clock.advance(by: 1_900_000)
        backend.answer(call, result: "{}")
        _ = await stream.response()
        listening.detach(events)
        await gateway.server.sweep()
        #expect(gateway.server.sessions.count == 2)
        gateway.clock.advance(by: 1_800_000)
        await gateway.server.sweep()
        #expect(gateway.server.sessions.count == 0)
    }

    @Test("With all places taken the session that was idle for longest goes, rather than one in use")
    func capacity() async throws {
        let gateway = TestGateway([:], sessionCapacity: 2)
        let listening = try await gateway.session()
        listening.attach(RecordingStream())
        gateway.clock.advance(by: 10)
        let idle = try await gateway.session()
        gateway.clock.advance(by: 10)
        let third = try await gateway.session()
        func lives(_ session: any ClientSession) -> Bool {
            gateway.server.session(session.id, principal: .anonymous) != nil
        }
        #expect(lives(listening) && !lives(idle) && lives(third))
    }

    @Test("Of many streams for what belongs to no request the oldest are closed")
    func manyStreams() async throws {
        let session = try await TestGateway([:]).session()
        let streams = (0..<10).map { _ in RecordingStream() }
        for stream in streams { session.attach(stream) }
        #expect(streams.map(\.isClosed) == [true, true] + [Bool](repeating: false, count: 8))
    }

    @Test("Of too many streams one whose client is away is closed first, and a connected one gets the messages")
    func awayStreams() async throws {
        var limits = SessionLimits()
        limits.streams = 2
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend], session: limits)
        let session = try await gateway.session()
        let streams = (0..<3).map { _ in RecordingStream() }
        session.attach(streams[0])
        session.attach(streams[1])
        streams[0].isAway = true
        let changed = try #require(session as? GatewaySession)
        changed.deliver(Array("1".utf8))
        #expect(streams.map(\.sent) == [[], ["1"], []])
        session.attach(streams[2])
        #expect(streams.map(\.isClosed) == [true, false, false])
    }

    @Test("A change that only a client that is away was told of waits for its next stream, unless it comes back")
    func untoldWhileAway() async throws {
        let session = try #require(try await TestGateway([:]).session() as? GatewaySession)
        let streams = (0..<3).map { _ in RecordingStream() }
        session.attach(streams[0])
        streams[0].isAway = true
        session.tell(changed: Array("1".utf8))
        session.attach(streams[1])
        #expect(streams.map(\.sent) == [["1"], ["1"], []])
        streams[1].isAway = true
        session.tell(changed: Array("2".utf8))
        // One that came back has it already.
        for stream in streams[0...1] { stream.isAway = false }
        session.attach(streams[0])
        session.attach(streams[2])
        #expect(streams.map(\.sent) == [["1", "2"], ["1"], []])
    }

    @Test("Over a shared session each client gets the log messages it asked for, and info and above if it never did")
    func sharedLogs() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend])
        let (chatty, grave, silent) = (
            try await gateway.session(), try await gateway.session(), try await gateway.session()
        )
        let streams = [RecordingStream(), RecordingStream(), RecordingStream()]
        for (index, session) in [chatty, grave, silent].enumerated() {
            session.attach(streams[index])
            let call = try session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo"}}"#)
            backend.answer(await backend.next("tools/call"), result: "{}")
            _ = await call.response()
        }
        for (session, level) in [(grave, "error"), (chatty, "debug")] {
            _ = try await session.ask(
                #"{"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"\#(level)"}}"#
            ).response()
        }
        let asked = backend.received.filter { $0.method == "logging/setLevel" }.compactMap {
            $0.params?["level"]?.string
        }
        // Not "error": that would take away what the others get.
        #expect(asked == ["info", "debug"])
        for level in ["debug", "info", "error"] {
            backend.say(
                #"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"\#(level)","data":1}}"#,
                session: backend.sessions[0])
        }
        #expect(streams.map(\.sent.count) == [3, 1, 2])
    }
}
