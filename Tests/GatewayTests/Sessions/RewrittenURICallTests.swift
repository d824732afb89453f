import Gateway
import Testing

/// Backends `a` and `b` list the same resource and template; each case is looked at for a client with a session and for one
/// without, in front of backends of either era.
@Suite("URIs that several backends list, on the way of a call", .timeLimit(.minutes(2)))
struct RewrittenURICallTests {
    private static let lists = [
        "tools/list": #"{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}"#,
        "resources/list": #"{"resources":[{"uri":"u:/1","name":"one"}]}"#,
        "resources/templates/list": #"{"resourceTemplates":[{"uriTemplate":"t:/{x}","name":"two"}]}"#,
        "prompts/list": #"{"prompts":[{"name":"greet"}]}"#,
    ]
    private static let capabilities =
        #"{"tools":{},"resources":{"subscribe":true},"prompts":{},"completions":{},"logging":{}}"#

    private static func backend(_ isModern: Bool = false) -> MemoryBackend {
        let initialize =
            #"{"protocolVersion":"2025-06-18","capabilities":\#(capabilities),"serverInfo":{"name":"m","version":"1"}}"#
        let discover = #"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":\#(capabilities)}"#
        return MemoryBackend(
            initializeResult: initialize, discoverResult: isModern ? discover : nil, lists: lists)
    }

    /// A request of a client, to be awaited.
    private func ask(
        _ gateway: TestGateway, withSession: Bool, _ method: String, _ members: String
    ) async throws -> RecordingStream {
        guard withSession else { return try await gateway.post(method, members, id: "1").recording }
        return try await gateway.session().ask(
            #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{\#(members)}}"#)
    }

    /// Method, members of the client's params, what `b` gets of them, and what `b` answers with as clients get it, where
    /// `<` stands before each URI that is rewritten.
    private static let calls: [(method: String, members: String, result: String)] = [
        (
            "resources/read", #""uri":"<u:/1""#,
            #""contents":[{"uri":"<u:/1","text":"u:/1"}, {"uri":"<u:/1/sub","text":""},{"uri":"v:/1","text":""}]"#
        ),
        ("resources/read", #""uri":"<t:/7""#, #""contents":[{"text":"t:/7","uri" : "<t:/7"}]"#),
        (
            "tools/call", #""name":"b_echo""#,
            """
            "structuredContent":{"uri":"u:/1"},"content":[{"type":"text","text":"u:/1","uri":"u:/1"},\
            {"type":"resource_link","uri":"<u:/1","name":"n"},{"type":"resource","resource":{"uri":"<t:/2","text":""}}]
            """
        ),
        (
            "prompts/get", #""name":"b_greet""#,
            """
            "messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"<u:/1","text":""}}},\
            {"role":"user","content":{"type":"resource_link","uri":"<u:/1","name":"n"}}]
            """
        ),
        (
            "completion/complete",
            #""ref":{"type":"ref/resource","uri":"<t:/{x}"},"argument":{"name":"x","value":"1"}"#,
            #""completion":{"values":["1"]}"#
        ),
    ]

    private static func client(_ text: String) -> String { text.replacing("<", with: "vmcp.b+") }
    private static func server(_ text: String) -> String { text.replacing("<", with: "") }

    @Test(
        "Requests go to the backend with its own URIs, and results come with those of clients; all else stays",
        arguments: [true, false], [true, false])
    func calls(withSession: Bool, isModern: Bool) async throws {
        for call in Self.calls {
            let b = Self.backend(isModern)
            let gateway = TestGateway(["a": Self.backend(isModern), "b": b])
            let stream = try await ask(gateway, withSession: withSession, call.method, Self.client(call.members))
            let waiting = await b.next(call.method)
            let sent = try #require(waiting.message.params.map { String(decoding: $0.bytes, as: UTF8.self) })
            #expect(!sent.contains("vmcp."))
            if call.method != "tools/call", call.method != "prompts/get" {
                #expect(sent.contains(Self.server(call.members)), "\(sent)")
            }
            b.answer(waiting, result: "{\(isModern ? #""resultType":"complete","# : "")\(Self.server(call.result))}")
            let answer = try #require(await stream.response())
            #expect(answer.contains(Self.client(call.result)), "\(answer)")
        }
    }

    @Test("The backend that keeps its URIs is answered for byte by byte", arguments: [true, false])
    func firstBackend(withSession: Bool) async throws {
        let a = Self.backend()
        let gateway = TestGateway(["a": a, "b": Self.backend()])
        let stream = try await ask(gateway, withSession: withSession, "resources/read", #""uri":"u:/1""#)
        let waiting = await a.next("resources/read")
        #expect(waiting.message.params?["uri"]?.string == "u:/1")
        a.answer(waiting, result: #"{"contents":[{"uri":"u:/1","text":""}]}"#)
        #expect(try #require(await stream.response()).contains(#""contents":[{"uri":"u:/1","text":""}]"#))
    }

    @Test("What was not found is named as the client named it", arguments: [true, false], [true, false])
    func notFound(withSession: Bool, isModern: Bool) async throws {
        let b = Self.backend(isModern)
        let gateway = TestGateway(["a": Self.backend(isModern), "b": b])
        let stream = try await ask(gateway, withSession: withSession, "resources/read", #""uri":"vmcp.b+t:/9""#)
        b.refuse(
            await b.next("resources/read"),
            #"{"code":\#(isModern ? -32602 : -32002),"message":"no t:/9","data":{"uri":"t:/9"}}"#)
        let answer = try #require(await stream.response())
        #expect(answer.contains(#""message":"no t:/9","data":{"uri":"vmcp.b+t:/9"}"#), "\(answer)")
        #expect(answer.contains(withSession ? "-32002" : "-32602"))
    }

    private func update(_ uri: String) -> String {
        #"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"\#(uri)"}}"#
    }

    @Test("A session is told of updates under the URI it subscribed to, the backend of its own URI")
    func session() async throws {
        let b = Self.backend()
        let gateway = TestGateway(["a": Self.backend(), "b": b])
        let session = try await gateway.session()
        let events = RecordingStream()
        session.attach(events)
        func ask(_ method: String, _ id: Int) async throws -> MemoryBackend.Waiting {
            let stream = try session.ask(
                #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{"uri":"vmcp.b+u:/1"}}"#)
            let waiting = await b.next(method)
            #expect(waiting.message.params?["uri"]?.string == "u:/1")
            b.answer(waiting, result: "{}")
            _ = await stream.response()
            return waiting
        }
        let waiting = try await ask("resources/subscribe", 1)
        for uri in ["u:/1", "u:/2", "u:/1/part"] { b.say(update(uri), session: waiting.session) }
        #expect(await events.messages(2) == [update("vmcp.b+u:/1"), update("vmcp.b+u:/1/part")])
        _ = try await ask("resources/unsubscribe", 2)
        b.say(update("u:/1"), session: waiting.session)
        #expect(events.sent.count == 2)
        _ = try await ask("resources/subscribe", 3)
        b.lose(waiting.session, Outcome(.unavailable, message: "exited"))
        let again = await b.next("resources/subscribe")
        #expect(again.message.params?["uri"]?.string == "u:/1")
    }

    @Test("A listen names rewritten URIs in its filter, its acknowledgement and its updates")
    func listen() async throws {
        let b = Self.backend()
        let gateway = TestGateway(["a": Self.backend(), "b": b])
        let answer = try await gateway.post(
            "subscriptions/listen", #""notifications":{"resourceSubscriptions":["vmcp.b+u:/1"]}"#)
        let waiting = await b.next("resources/subscribe")
        #expect(waiting.message.params?["uri"]?.string == "u:/1")
        b.answer(waiting, result: "{}")
        #expect(await answer.messages(1)[0].contains(#""resourceSubscriptions":["vmcp.b+u:/1"]"#))
        b.say(update("u:/1/part"), session: waiting.session)
        #expect(await answer.messages(2)[1].contains(#""uri":"vmcp.b+u:/1/part""#))
        answer.cancel()
        await b.until { $0.received.contains { $0.method == "resources/unsubscribe" } }
        #expect(b.received.last { $0.method == "resources/unsubscribe" }?.params?["uri"]?.string == "u:/1")
    }

    @Test("A backend of 2026-07-28 is listened to with its own URIs", arguments: [true, false])
    func modernBackend(withSession: Bool) async throws {
        let b = Self.backend(true)
        let gateway = TestGateway(["a": Self.backend(true), "b": b])
        let events = RecordingStream()
        var stateless: StatelessAnswer?
        if withSession {
            let session = try await gateway.session()
            session.attach(events)
            _ = try session.ask(
                #"{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"vmcp.b+u:/1"}}"#)
        } else {
            stateless = try await gateway.post(
                "subscriptions/listen", #""notifications":{"resourceSubscriptions":["vmcp.b+u:/1"]}"#)
        }
        @Sendable func asked(_ waiting: MemoryBackend.Waiting) -> [String?] {
            waiting.message.params?["notifications"]?["resourceSubscriptions"]?.elements.map(\.string) ?? []
        }
        await b.until { state in state.subscriptions.contains { !asked($0).isEmpty } }
        let listening = try #require(b.subscriptions.last)
        #expect(asked(listening) == ["u:/1"])
        if let stateless { _ = await stateless.messages(1) }
        b.tell(listening, "notifications/resources/updated", #""uri":"u:/1""#)
        let told = stateless == nil ? await events.messages(1)[0] : await stateless?.messages(2)[1]
        #expect(told?.contains(#""uri":"vmcp.b+u:/1""#) == true)
    }
}
