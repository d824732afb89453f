import Testing

@testable import Gateway

@Suite("2025-11-25: tasks that clients ask for", .timeLimit(.minutes(2)))
struct AskedTaskTests {
    private static let user = Principal(issuer: "i", subject: "user")
    private static let dates = #""createdAt":"2026-11-22T10:00:00Z","lastUpdatedAt":"2026-11-22T10:00:00Z","ttl":60000"#
    private static let related = "io.modelcontextprotocol/related-task"

    static func backend(tasks: String? = #"{"list":{},"cancel":{},"requests":{"tools":{"call":{}}}}"#) -> MemoryBackend
    {
        MemoryBackend(
            initializeResult: """
                {"protocolVersion":"2025-11-25","capabilities":{"tools":{},"logging":{}\(tasks.map { ",\"tasks\":\($0)" } ?? "")},\
                "serverInfo":{"name":"m","version":"1"}}
                """,
            lists: [
                "tools/list": """
                {"tools":[{"name":"may","inputSchema":{"type":"object"},"execution":{"taskSupport":"optional"}},\
                {"name":"must","execution":{"taskSupport":"required"},"inputSchema":{"type":"object"}},\
                {"name":"never","inputSchema":{"type":"object"}}]}
                """
            ])
    }

    private func text(_ slice: JSONSlice?) -> String { slice.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "" }

    private func answer(_ stream: RecordingStream) async throws -> JSONSlice {
        try JSONSlice(validating: Array((await stream.response() ?? "null").utf8))
    }

    private func ask(_ session: any ClientSession, _ method: String, _ params: String) throws -> RecordingStream {
        try session.ask(#"{"jsonrpc":"2.0","id":"c","method":"\#(method)","params":{\#(params)}}"#)
    }

    private func task(_ id: String, _ status: String = "working") -> String {
        #"{"taskId":"\#(id)","status":"\#(status)",\#(Self.dates)}"#
    }

    /// Calls a tool as a task, which the backend calls `own`.
    /// - Returns: The client's id of it.
    private func make(
        _ own: String, _ session: any ClientSession, _ backend: MemoryBackend, tool: String = "a_may", meta: String = ""
    ) async throws -> String {
        let stream = try ask(session, "tools/call", #""name":"\#(tool)","task":{"ttl":60000}\#(meta)"#)
        let call = await backend.next("tools/call")
        #expect(text(call.message.params?["task"]) == #"{"ttl":60000}"#)
        backend.answer(call, result: #"{"task":\#(task(own)),"_meta":{"x/y":1.0}}"#)
        let result = try await answer(stream)["result"]
        #expect(text(result?["_meta"]) == #"{"x/y":1.0}"#)
        return try #require(result?["task"]?["taskId"]?.string)
    }

    @Test(
        "Tasks are declared when a backend has them, to clients of 2025-11-25, and tools are shown to fit",
        arguments: [
            (
                "2025-11-25", #"{"cancel":{},"requests":{"tools":{"call":{}}}}"#,
                #"{"cancel":{},"list":{},"requests":{"tools":{"call":{}}}}"#
            ),
            (
                "2025-11-25", #"{"list":{},"requests":{"tools":{"call":{}}}}"#,
                #"{"list":{},"requests":{"tools":{"call":{}}}}"#
            ),
            ("2025-06-18", #"{"cancel":{},"requests":{"tools":{"call":{}}}}"#, ""),
            ("2025-11-25", #"{"cancel":{},"requests":{}}"#, ""), ("2025-11-25", nil, ""),
        ] as [(String, String?, String)])
    func declared(_ revision: String, _ tasks: String?, _ expected: String) async throws {
        let gateway = TestGateway(["a": Self.backend(tasks: tasks)])
        await gateway.server.keeper.firstRound()
        let request = try TestGateway.message(
            #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\#(revision)","capabilities":{}}}"#
        )
        guard
            case .opened(let session, let greeting) = await gateway.server.initialize(
                request, principal: Self.user, headers: [])
        else { throw TestGateway.Refused() }
        #expect(text(try JSONSlice(validating: greeting)["result"]?["capabilities"]?["tasks"]) == expected)
        let tools = try await answer(try ask(session, "tools/list", ""))["result"]?["tools"]?.elements ?? []
        let shown = tools.map { "\($0["name"]?.string ?? "") \(text($0["execution"]))" }
        #expect(
            shown
                == (expected.isEmpty
                    ? ["a_may ", "a_never "]
                    : [#"a_may {"taskSupport":"optional"}"#, #"a_must {"taskSupport":"required"}"#, "a_never "]))
        let modern = try await gateway.post("tools/list").response()["result"]?["tools"]?.elements ?? []
        #expect(modern.map { "\($0["name"]?.string ?? "") \(text($0["execution"]))" } == ["a_may ", "a_never "])
    }

    @Test("Requests about a task reach its backend with the backend's id; equal ids of two backends do not mix")
    func routed() async throws {
        let (one, two) = (Self.backend(), Self.backend())
        let gateway = TestGateway(["a": one, "b": two])
        let session = try await gateway.session(principal: Self.user)
        let ids = [
            try await make("t", session, one), try await make("t", session, two, tool: "b_must"),
        ]
        #expect(ids[0] != ids[1] && !ids.contains("t"))
        for (backend, id) in zip([one, two], ids) {
            for method in ["tasks/get", "tasks/cancel"] {
                let stream = try ask(session, method, #""taskId":"\#(id)""#)
                let call = await backend.next(method)
                #expect(call.message.params?["taskId"]?.string == "t")
                backend.answer(call, result: task("t", "cancelled"))
                #expect(text(try await answer(stream)["result"]) == task(id, "cancelled"))
            }
            let stream = try ask(session, "tasks/result", #""taskId":"\#(id)""#)
            let call = await backend.next("tasks/result")
            #expect(call.context.idle == 0 && call.context.deadline > 0)
            backend.answer(call, result: #"{"content":[],"n":1.50,"_meta":{"\#(Self.related)":{"taskId":"t"}}}"#)
            #expect(
                text(try await answer(stream)["result"])
                    == #"{"content":[],"n":1.50,"_meta":{"\#(Self.related)":{"taskId":"\#(id)"}}}"#)
        }
        let stream = try ask(session, "tasks/result", #""taskId":"\#(ids[0])""#)
        one.refuse(await one.next("tasks/result"), #"{"code":-31999,"message":"m","data":1.0}"#)
        #expect(
            await stream.response() == #"{"jsonrpc":"2.0","id":"c","error":{"code":-31999,"message":"m","data":1.0}}"#)
    }

    @Test(
        "An id is good in a later session of its principal, and of no other",
        arguments: ["tasks/get", "tasks/result", "tasks/cancel"])
    func unknown(method: String) async throws {
        let backend = Self.backend()
        let gateway = TestGateway(["a": backend])
        let session = try await gateway.session(principal: Self.user)
        let id = try await make("t", session, backend)
        await session.end()
        let others = [
            try await gateway.session(), try await gateway.session(principal: Principal(issuer: "i", subject: "other")),
        ]
        for (client, asked) in [(others[0], id), (others[1], id), (others[1], "t")] {
            let stream = try ask(client, method, #""taskId":"\#(asked)""#)
            #expect(
                await stream.response()?.contains(#""code":-32602,"message":"Invalid params: unknown task""#) == true)
        }
        #expect(!backend.methods.contains(method))
        let later = try await gateway.session(principal: Self.user)
        let stream = try ask(later, method, #""taskId":"\#(id)""#)
        backend.answer(await backend.next(method), result: "{}")
        #expect(await stream.response() == #"{"jsonrpc":"2.0","id":"c","result":{}}"#)
    }

    @Test(
        "A tool is called as it wants to be called, and tasks are unknown to those whom they were not offered",
        arguments: [
            ("2025-11-25", "tools/call", #""name":"a_never","task":{}"#, -32601),
            ("2025-11-25", "tools/call", #""name":"a_must""#, -32601),
            ("2025-11-25", "tools/call", #""name":"a_may","task":1"#, -32602),
            ("2025-11-25", "tools/call", #""name":"a_may","task":{},"task":{}"#, -32602),
            ("2025-11-25", "tools/call", #""name":"a_may","task":{},"Task":{}"#, -32602),
            ("2025-11-25", "tools/call", #""name":"a_may","\u0054ask":{}"#, -32602),
            ("2025-11-25", "tools/call", #""name":"a_may","Name":"a_never""#, -32602),
            ("2025-11-25", "tools/call", #""n\u0061me":"a_may","name":"a_may""#, -32602),
            ("2025-06-18", "tools/call", #""name":"a_must","task":{}"#, -32602),
            ("2025-06-18", "tasks/get", #""taskId":"x""#, -32601), ("2025-06-18", "tasks/list", "", -32601),
            ("2025-11-25", "tasks/get", "", -32602), ("2025-11-25", "tasks/get", #""taskId":1"#, -32602),
            ("2025-11-25", "tasks/get", #""taskId":"a","taskId":"b""#, -32602),
            ("2025-11-25", "tasks/update", #""taskId":"x""#, -32601),
            ("2025-11-25", "tasks/list", #""cursor":"x""#, -32602),
            ("2025-11-25", "tasks/list", #""cursor":1"#, -32602),
        ])
    func refused(_ revision: String, _ method: String, _ params: String, _ code: Int) async throws {
        let backend = Self.backend()
        let gateway = TestGateway(["a": backend])
        let session = try await gateway.session(revision: revision)
        #expect(try await answer(try ask(session, method, params))["error"]?["code"]?.integer == code)
        #expect(!backend.methods.contains(method))
    }

    @Test("The wish for a task of a client that has none does not reach the backend")
    func ignored() async throws {
        for (revision, backend) in [("2025-06-18", Self.backend()), ("2025-11-25", Self.backend(tasks: nil))] {
            let gateway = TestGateway(["a": backend])
            let session = try await gateway.session(revision: revision)
            _ = try ask(session, "tools/call", #""task":{"ttl":1},"name":"a_may""#)
            #expect(text(await backend.next("tools/call").message.params) == #"{"name":"may"}"#)
        }
    }

    @Test("tasks/list tells of the caller's own tasks, of all backends, as they are now")
    func listed() async throws {
        let (one, two) = (Self.backend(), Self.backend())
        let gateway = TestGateway(["a": one, "b": two])
        let session = try await gateway.session(principal: Self.user)
        let other = try await gateway.session(principal: Principal(issuer: "i", subject: "other"))
        let ids = [
            try await make("1", session, one), try await make("1", session, two, tool: "b_may"),
            try await make("2", session, one), try await make("3", session, one),
        ]
        _ = try await make("9", other, one)
        let stream = try ask(session, "tasks/list", "")
        for _ in 0..<3 {
            let call = await one.next("tasks/get")
            switch call.message.params?["taskId"]?.string {
            case "1": one.answer(call, result: task("1", "completed"))
            case "2": one.refuse(call, #"{"code":-32602,"message":"gone"}"#)
            default: one.refuse(call, #"{"code":-32603,"message":"busy"}"#)
            }
        }
        two.answer(await two.next("tasks/get"), result: #"{"_meta":{"k":1},\#(task("1", "failed").dropFirst())"#)
        let expected = [task(ids[0], "completed"), task(ids[1], "failed"), task(ids[3])].joined(separator: ",")
        #expect(text(try await answer(stream)["result"]) == #"{"tasks":[\#(expected)]}"#)

        // What the backend has forgotten is not asked for again.
        let again = try ask(session, "tasks/list", "")
        for _ in 0..<2 {
            let call = await one.next("tasks/get")
            #expect(call.message.params?["taskId"]?.string != "2")
            one.refuse(call, #"{"code":-32602,"message":"gone"}"#)
        }
        two.answer(await two.next("tasks/get"), result: task("1", "failed"))
        #expect(text(try await answer(again)["result"]) == #"{"tasks":[\#(task(ids[1], "failed"))]}"#)
        let empty = try await gateway.session(principal: Principal(issuer: "i", subject: "third"))
        #expect(text(try await answer(try ask(empty, "tasks/list", ""))["result"]) == #"{"tasks":[]}"#)
    }

    @Test("Long lists have pages, and every task stands on one of them")
    func pages() async throws {
        let backend = Self.backend()
        let gateway = TestGateway(["a": backend])
        let session = try await gateway.session(principal: Self.user)
        var ids: [String] = []
        for number in 0..<(TaskListing.pageSize + 2) { ids.append(try await make("\(number)", session, backend)) }
        var (found, cursor) = ([String](), "")
        for count in [TaskListing.pageSize, 2] {
            let stream = try ask(session, "tasks/list", cursor)
            for _ in 0..<count {
                let call = await backend.next("tasks/get")
                backend.answer(call, result: task(call.message.params?["taskId"]?.string ?? ""))
            }
            let result = try await answer(stream)["result"]
            found += result?["tasks"]?.elements.compactMap { $0["taskId"]?.string } ?? []
            cursor = result?["nextCursor"].map { #""cursor":\#(text($0))"# } ?? ""
        }
        #expect(found == ids && cursor.isEmpty)
    }

    @Test("Anonymous sessions do not see each other's tasks, and leave nothing behind")
    func anonymous() async throws {
        let backend = Self.backend()
        let gateway = TestGateway(["a": backend])
        let (one, two) = (try await gateway.session(), try await gateway.session())
        _ = try await make("t", one, backend)
        #expect(text(try await answer(try ask(two, "tasks/list", ""))["result"]) == #"{"tasks":[]}"#)
        let memory = try #require(gateway.server.taskMemory as? ProcessTaskMemory)
        #expect(memory.count == 1)
        await one.end()
        #expect(memory.count == 0)
    }

    @Test("News of a task reach its owner, under the client's id, and nobody else on the same backend session")
    func told() async throws {
        let backend = Self.backend()
        let gateway = TestGateway(["a": backend])
        let session = try await gateway.session(principal: Self.user)
        let other = try await gateway.session(principal: Principal(issuer: "i", subject: "other"))
        let streams = [RecordingStream(), RecordingStream()]
        session.attach(streams[0])
        other.attach(streams[1])
        let id = try await make("t", session, backend)
        _ = try await make("u", other, backend)
        let shared = backend.sessions[0]
        // Over a pipe, what comes beside it could be its own.
        let call = try ask(other, "tools/call", #""name":"a_never""#)
        let waiting = await backend.next("tools/call")
        backend.say(
            #"{"jsonrpc":"2.0","method":"notifications/tasks/status","params":\#(task("t", "completed"))}"#,
            session: shared)
        backend.say(
            #"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":1.0,"_meta":{"\#(Self.related)":{"taskId":"t"}}}}"#,
            session: shared)
        #expect(
            await streams[0].messages(2) == [
                #"{"jsonrpc":"2.0","method":"notifications/tasks/status","params":\#(task(id, "completed"))}"#,
                #"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":1.0,"_meta":{"\#(Self.related)":{"taskId":"\#(id)"}}}}"#,
            ])
        backend.answer(waiting, result: "{}")
        _ = await call.response()
        #expect(streams[1].sent.isEmpty && call.sent.isEmpty)
    }

    @Test("The progress token of a call stays good when it has become a task")
    func progress() async throws {
        let backend = Self.backend()
        let gateway = TestGateway(["a": backend])
        let session = try await gateway.session(principal: Self.user)
        let stream = RecordingStream()
        session.attach(stream)
        _ = try await make("t", session, backend, meta: #","_meta":{"progressToken":"mine"}"#)
        let token = try #require(
            backend.received.last { $0.method == "tools/call" }?.params?["_meta"]?["progressToken"])
        for value in [1, 1, 2] {
            backend.say(
                #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":\#(text(token)),"progress":\#(value)}}"#,
                session: backend.sessions[0])
        }
        #expect(
            await stream.messages(2)
                == [1, 2].map {
                    #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"mine","progress":\#($0)}}"#
                })
    }

    @Test("What a task needs of the client is asked on the stream of tasks/result, and answered under the backend's id")
    func asked() async throws {
        let backend = Self.backend()
        let gateway = TestGateway(["a": backend])
        let session = try await gateway.session(capabilities: #"{"elicitation":{}}"#, principal: Self.user)
        let id = try await make("t", session, backend)
        let stream = try ask(session, "tasks/result", #""taskId":"\#(id)""#)
        let call = await backend.next("tasks/result")
        let meta = #""_meta":{"\#(Self.related)":{"taskId":"t"}}"#
        backend.say(
            #"{"jsonrpc":"2.0","id":5,"method":"elicitation/create","params":{"message":"m","requestedSchema":{},\#(meta)}}"#,
            session: call.session)
        let question = try JSONSlice(validating: Array(await stream.messages(1)[0].utf8))
        #expect(question["params"]?["_meta"]?[Self.related]?["taskId"]?.string == id)
        let number = text(question["id"])
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","id":\#(number),"result":{"action":"decline","_meta":{"\#(Self.related)":{"taskId":"\#(id)"}}}}"#
            ))
        await backend.until { $0.received.contains { $0.kind == .response } }
        #expect(
            backend.received.first { $0.kind == .response }.map { text($0.json) }
                == #"{"jsonrpc":"2.0","id":5,"result":{"action":"decline",\#(meta)}}"#)
        backend.answer(call, result: #"{"content":[]}"#)
        #expect(await stream.response() == #"{"jsonrpc":"2.0","id":"c","result":{"content":[]}}"#)
    }
}
