import Testing

@testable import Gateway

@Suite("2026-07-28: subscriptions/listen")
struct ListenTests {
    private static let resources = #"{"resources":[{"uri":"mem://a","name":"a"},{"uri":"mem://b","name":"b"}]}"#
    private static let lists = ["resources/list": resources, "tools/list": #"{"tools":[]}"#]
    private static func mark(_ id: String) -> String { #""_meta":{"io.modelcontextprotocol/subscriptionId":\#(id)}"# }

    private func listen(
        _ gateway: TestGateway, _ filter: String, id: String = "7", principal: Principal = .anonymous
    ) async throws -> StatelessAnswer {
        try await gateway.post("subscriptions/listen", #""notifications":\#(filter)"#, id: id, principal: principal)
    }

    private func update(_ uri: String) -> String {
        #"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"\#(uri)"}}"#
    }

    private func refuse(_ call: MemoryBackend.Waiting, _ backend: MemoryBackend) {
        backend.push(
            call,
            #"{"jsonrpc":"2.0","id":\#(String(decoding: call.id, as: UTF8.self)),"error":{"code":-32602,"message":"no"}}"#
        )
    }

    @Test("The acknowledgement comes first, with the id in its own type and what is honoured of the filter")
    func acknowledgement() async throws {
        let backend = MemoryBackend(
            initializeResult:
                #"{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"m","version":"1"}}"#
        )
        let gateway = TestGateway(["a": backend])
        for id in ["7", #""7""#] {
            let answer = try await listen(
                gateway, #"{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":false,"more":1}"#,
                id: id)
            #expect(
                await answer.messages(1) == [
                    #"{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"toolsListChanged":true},\#(Self.mark(id))}}"#
                ])
        }
    }

    @Test("A changed list reaches every listen that asked for it, each with its own id, and no other")
    func listChanged() async throws {
        let backend = MemoryBackend(lists: Self.lists)
        let gateway = TestGateway(["a": backend])
        let one = try await listen(gateway, #"{"toolsListChanged":true}"#, id: "1")
        let two = try await listen(gateway, #"{"toolsListChanged":true,"resourcesListChanged":true}"#, id: #""b""#)
        let other = try await listen(gateway, #"{"resourcesListChanged":true}"#, id: "3")
        backend.set { $0.lists["tools/list"] = #"{"tools":[{"name":"new"}]}"# }
        backend.say(#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#, session: backend.sessions[0])
        func changed(_ id: String) -> String {
            #"{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{\#(Self.mark(id))}}"#
        }
        #expect(await one.messages(2).last == changed("1"))
        #expect(await two.messages(2).last == changed(#""b""#))
        #expect(other.sent.count == 1)
    }

    @Test("Resources are subscribed to before the acknowledgement, which names those that the backend took")
    func subscriptions() async throws {
        let backend = MemoryBackend(lists: Self.lists)
        let gateway = TestGateway(["a": backend])
        let answer = try await listen(
            gateway, #"{"resourceSubscriptions":["mem://a","mem://b","mem://none","mem://a"]}"#)
        let first = await backend.next("resources/subscribe")
        #expect(answer.sent.isEmpty)
        backend.answer(first, result: "{}")
        refuse(await backend.next("resources/subscribe"), backend)
        #expect(
            await answer.messages(1) == [
                #"{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"resourceSubscriptions":["mem://a"]},\#(Self.mark("7"))}}"#
            ])
        for uri in ["mem://b", "mem://ab", "mem://a", "mem://a/part"] {
            backend.say(update(uri), session: first.session)
        }
        let updates = await answer.messages(3).dropFirst()
        #expect(
            Array(updates)
                == ["mem://a", "mem://a/part"].map {
                    #"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{\#(Self.mark("7")),"uri":"\#($0)"}}"#
                })
    }

    @Test("The backend is told of the end of the last subscription alone, whichever era it is of")
    func lastOne() async throws {
        let backend = MemoryBackend(lists: Self.lists)
        let gateway = TestGateway(["a": backend])
        let listens = [
            try await listen(gateway, #"{"resourceSubscriptions":["mem://a"]}"#, id: "1"),
            try await listen(gateway, #"{"resourceSubscriptions":["mem://a"]}"#, id: "2"),
        ]
        for _ in listens { backend.answer(await backend.next("resources/subscribe"), result: "{}") }
        for listen in listens { _ = await listen.messages(1) }
        let session = try await gateway.session()
        let legacy = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"mem://a"}}"#)
        backend.answer(await backend.next("resources/subscribe"), result: "{}")
        _ = await legacy.response()
        func ends() -> Int { backend.methods.count { $0 == "resources/unsubscribe" } }
        listens[0].cancel()
        await session.end()
        #expect(ends() == 0)
        listens[1].cancel()
        #expect(ends() == 1)
    }

    @Test("A client that can be asked listens on all sessions of its calls, and takes no call's place there")
    func ownSessions() async throws {
        let tool = #"{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}"#
        let backend = MemoryBackend(lists: ["resources/list": Self.resources, "tools/list": tool])
        let gateway = TestGateway(["a": backend])
        func post(_ method: String, _ members: String) async throws -> StatelessAnswer {
            try await gateway.post(method, members, capabilities: #"{"elicitation":{"form":{}}}"#)
        }
        let filter = #""notifications":{"resourceSubscriptions":["mem://a"]}"#
        let early = try await post("subscriptions/listen", filter)
        let subscribed = await backend.next("resources/subscribe")
        #expect(!backend.sessions.filter { $0 != subscribed.session }.isEmpty)
        backend.answer(subscribed, result: "{}")
        _ = await early.messages(1)
        _ = try await post("tools/call", #""name":"a_echo""#)
        #expect(await backend.next("tools/call").session == subscribed.session)
        // Beside it a second, on a session of its own, over which it is subscribed before the call is sent.
        _ = try await post("tools/call", #""name":"a_echo""#)
        let followed = await backend.next("resources/subscribe")
        #expect(followed.session != subscribed.session && followed.message.params?["uri"]?.string == "mem://a")
        #expect(backend.methods.count { $0 == "tools/call" } == 1)
        backend.answer(followed, result: "{}")
        #expect(await backend.next("tools/call").session == followed.session)
        // A listen that comes later is subscribed over both before it is acknowledged.
        let late = try await post("subscriptions/listen", filter)
        for session in [subscribed.session, followed.session] {
            let again = await backend.next("resources/subscribe")
            #expect(again.session == session && late.sent.isEmpty)
            backend.answer(again, result: "{}")
        }
        _ = await late.messages(1)
        for (count, session) in zip(2..., [subscribed.session, followed.session]) {
            backend.say(update("mem://a"), session: session)
            for listen in [early, late] { #expect(await listen.messages(count).count == count) }
        }
        early.cancel()
        #expect(!backend.methods.contains("resources/unsubscribe"))
        late.cancel()
        #expect(backend.methods.count { $0 == "resources/unsubscribe" } == 2)
    }

    /// A backend where each client that can be asked has sessions of its own, and a listen on it.
    private func listening() async throws -> (MemoryBackend, TestGateway, StatelessAnswer) {
        let tool = #"{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}"#
        let backend = MemoryBackend(lists: ["resources/list": Self.resources, "tools/list": tool])
        let gateway = TestGateway(["a": backend])
        let answer = try await listen(gateway, #"{"resourceSubscriptions":["mem://a"]}"#)
        backend.answer(await backend.next("resources/subscribe"), result: "{}")
        _ = await answer.messages(1)
        return (backend, gateway, answer)
    }

    private func call(_ gateway: TestGateway, _ capabilities: String, of caller: Principal = .anonymous) async throws
        -> StatelessAnswer
    {
        try await gateway.post("tools/call", #""name":"a_echo""#, capabilities: capabilities, principal: caller)
    }

    @Test("It hears of what its caller's requests change, whatever these declare, and of nobody else's")
    func otherCapabilities() async throws {
        let (backend, gateway, answer) = try await listening()
        for (count, capabilities) in zip(2..., [#"{"elicitation":{"form":{}}}"#, #"{"roots":{}}"#]) {
            _ = try await call(gateway, capabilities)
            let followed = await backend.next("resources/subscribe")
            backend.answer(followed, result: "{}")
            #expect(await backend.next("tools/call").session == followed.session)
            backend.say(update("mem://a"), session: followed.session)
            #expect(await answer.messages(count).count == count)
        }
        _ = try await call(gateway, #"{"roots":{}}"#, of: Principal(issuer: "i", subject: "s"))
        let foreign = await backend.next("tools/call")
        backend.say(update("mem://a"), session: foreign.session)
        #expect(backend.methods.count { $0 == "resources/subscribe" } == 3)
        #expect(answer.sent.count == 3)
    }

    @Test("A backend that is slow to take a subscription holds up the first call over its session for 1.5 seconds")
    func slowToFollow() async throws {
        let (backend, gateway, _) = try await listening()
        _ = try await call(gateway, #"{"roots":{}}"#)
        _ = await backend.next("resources/subscribe")
        await gateway.clock.sleeper(1_500)
        #expect(!backend.methods.contains("tools/call"))
        gateway.clock.advance(by: 1_500)
        _ = await backend.next("tools/call")
    }

    @Test("A session that is only followed is closed when it is unused, and followed anew when it is opened again")
    func followedIsClosed() async throws {
        let (backend, gateway, listen) = try await listening()
        for _ in 0..<2 {
            let answer = try await call(gateway, #"{"roots":{}}"#)
            let followed = await backend.next("resources/subscribe")
            backend.answer(followed, result: "{}")
            backend.answer(await backend.next("tools/call"), result: "{}")
            _ = await answer.text()
            gateway.server.stateless.pool.sweep(now: gateway.clock.clock.now() + 300_000)
            #expect(backend.closed.last == followed.session)
        }
        listen.cancel()
        #expect(backend.methods.count { $0 == "resources/unsubscribe" } == 1)
    }

    @Test("Subscriptions are made again over the session that follows a lost one")
    func restored() async throws {
        let backend = MemoryBackend(lists: Self.lists)
        let gateway = TestGateway(["a": backend])
        let answer = try await listen(gateway, #"{"resourceSubscriptions":["mem://a"]}"#)
        let call = await backend.next("resources/subscribe")
        backend.answer(call, result: "{}")
        _ = await answer.messages(1)
        backend.lose(call.session, Outcome(.unavailable, message: "exited"))
        let again = await backend.next("resources/subscribe")
        #expect(again.session != call.session)
        backend.say(update("mem://a"), session: again.session)
        #expect(await answer.messages(2).count == 2)
    }

    @Test("A listen that ends while it subscribes leaves no subscription behind")
    func endsEarly() async throws {
        let backend = MemoryBackend(lists: Self.lists)
        let gateway = TestGateway(["a": backend])
        let answer = try await listen(gateway, #"{"resourceSubscriptions":["mem://a","mem://b"]}"#)
        let first = await backend.next("resources/subscribe")
        answer.cancel()
        backend.answer(first, result: "{}")
        // Once with the end, once more after the late agreement.
        await backend.until { state in
            state.received.count { $0.method == "resources/unsubscribe" && $0.params?["uri"]?.string == "mem://a" } == 2
        }
        #expect(backend.methods.count { $0 == "resources/subscribe" } == 1)
        #expect(answer.sent.isEmpty)
    }

    @Test("A backend that does not answer in time is left out")
    func slow() async throws {
        let backend = MemoryBackend(lists: Self.lists)
        let gateway = TestGateway(["a": backend])
        let answer = try await listen(gateway, #"{"resourceSubscriptions":["mem://a"],"toolsListChanged":true}"#)
        _ = await backend.next("resources/subscribe")
        await gateway.clock.sleeper(10_000)
        gateway.clock.advance(by: 10_000)
        #expect(await answer.messages(1)[0].contains(#""notifications":{"toolsListChanged":true}"#))
    }

    @Test("The end of the gateway is the result; the end by the client is silence")
    func ends() async throws {
        let gateway = TestGateway(["a": MemoryBackend(lists: Self.lists)])
        let gone = try await listen(gateway, #"{"toolsListChanged":true}"#, id: "1")
        let drained = try await listen(gateway, #"{"toolsListChanged":true}"#, id: "2")
        gone.cancel()
        #expect(gateway.server.stateless.listens.all.count == 1)
        drained.drain()
        #expect(
            await drained.text()
                == #"{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":2,\#(TestGateway.serverInfo)}}}"#
        )
        #expect(!gone.recording.isClosed)
        #expect(gateway.server.stateless.listens.all.isEmpty)
        let last = try await listen(gateway, #"{"toolsListChanged":true}"#, id: "3")
        await gateway.server.stop()
        #expect(await last.text().contains("\"resultType\":\"complete\""))
    }

    @Test("A principal has a limited number of streams and of resources, and is told so")
    func limits() async throws {
        var limits = StatelessLimits()
        (limits.listens, limits.subscriptionsPerListen) = (1, 1)
        let gateway = TestGateway(["a": MemoryBackend(lists: Self.lists)], stateless: limits)
        let first = try await listen(gateway, #"{"toolsListChanged":true}"#)
        let second = try await listen(gateway, #"{"toolsListChanged":true}"#)
        #expect(await second.text().contains("Too many streams") && second.code == -32603)
        let other = try await listen(gateway, "{}", principal: Principal(issuer: "i", subject: "s"))
        #expect(await other.messages(1).count == 1)
        first.cancel()
        let many = try await listen(gateway, #"{"resourceSubscriptions":["mem://a","mem://b"]}"#)
        #expect(await many.text().contains("may name 1 resources, found 2") && many.code == -32602)
    }
}
