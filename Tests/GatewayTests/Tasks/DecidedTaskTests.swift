import Testing

@testable import Gateway

@Suite("2026-07-28: tasks that backends make of calls", .timeLimit(.minutes(2)))
struct DecidedTaskTests {
    static let extensions = #"{"extensions":{"io.modelcontextprotocol/tasks":{"k":1}}}"#
    private static let user = Principal(issuer: "i", subject: "user")
    private static let made = """
        "status":"working","createdAt":"2026-11-22T10:00:00Z","lastUpdatedAt":"2026-11-22T10:00:00Z","ttlMs":null
        """

    static func backend(
        http: Bool = true, tasks: Bool = true, lists: [String: String] = [:]
    ) -> MemoryBackend {
        let more = tasks ? #","extensions":{"io.modelcontextprotocol/tasks":{}}"# : ""
        return MemoryBackend(
            traits: http ? [.hasHeaders] : [.shareable, .answersOnSession],
            discoverResult: """
                {"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{},"resources":{}\
                \(more)},"ttlMs":0,"cacheScope":"private"}
                """,
            lists: ["tools/list": #"{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}"#]
                .merging(lists) { $1 })
    }

    private func text(_ slice: JSONSlice?) -> String { slice.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "" }

    /// Calls a tool that becomes the task `own`.
    /// - Returns: The client's id of it.
    private func make(
        _ own: String, _ gateway: TestGateway, _ backend: MemoryBackend, tool: String = "b_echo",
        principal: Principal = user
    ) async throws -> String {
        let answer = try await gateway.post(
            "tools/call", #""name":"\#(tool)""#, capabilities: Self.extensions, principal: principal)
        let call = await backend.next("tools/call")
        backend.answer(call, result: #"{"resultType":"task","taskId":"\#(own)",\#(Self.made),"x":1.0}"#)
        return try #require(try await answer.response()["result"]?["taskId"]?.string)
    }

    @Test("The backend hears of the extension with calls of clients that declare it, and with no others")
    func declared() async throws {
        let backend = Self.backend()
        let gateway = TestGateway(["b": backend])
        func capabilities(_ client: String) async throws -> String {
            let answer = try await gateway.post("tools/call", #""name":"b_echo""#, capabilities: client)
            let call = await backend.next("tools/call")
            backend.answer(call, result: #"{"resultType":"complete","content":[]}"#)
            _ = await answer.text()
            return text(call.message.params?["_meta"]?["io.modelcontextprotocol/clientCapabilities"])
        }
        let tasks = #""extensions":{"io.modelcontextprotocol/tasks":{}}"#
        #expect(try await capabilities("{}") == "{}")
        #expect(try await capabilities(#"{"extensions":{"other/one":{}}}"#) == "{}")
        #expect(try await capabilities(Self.extensions) == "{\(tasks)}")
        #expect(
            try await capabilities(#"{"roots":{},"extensions":{"io.modelcontextprotocol/tasks":{}}}"#)
                == #"{\#(tasks),"roots":{}}"#)
    }

    @Test("server/discover declares the extension when a backend has it", arguments: [true, false])
    func discovered(isThere: Bool) async throws {
        let gateway = TestGateway(["b": Self.backend(tasks: isThere), "c": MemoryBackend()])
        let answer = try await gateway.post("server/discover").response()
        let extensions = answer["result"]?["capabilities"]?["extensions"]
        #expect(text(extensions) == (isThere ? #"{"io.modelcontextprotocol/tasks":{}}"# : ""))
        for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
            #expect(gateway.server.offers(method, to: .anonymous) == isThere)
        }
        for method in ["tasks/list", "tasks/result"] { #expect(!gateway.server.offers(method, to: .anonymous)) }
    }

    @Test("A call that became a task is answered with an id of ours, and all else as it came")
    func made() async throws {
        let backend = Self.backend()
        let key = StateKey.made()
        let gateway = TestGateway(["b": backend], stateKey: key)
        let answer = try await gateway.post(
            "tools/call", #""name":"b_echo""#, capabilities: Self.extensions, principal: Self.user)
        backend.answer(
            await backend.next("tools/call"), result: #"{"resultType":"task","taskId":"t1",\#(Self.made),"x":1.0}"#)
        let id = TaskSeal(key).id(
            of: TaskReference(form: .decided, backend: "b", id: "t1"), for: Self.user)
        #expect(
            await answer.text()
                == #"{"jsonrpc":"2.0","id":7,"result":{"_meta":{\#(TestGateway.serverInfo)},"resultType":"task","taskId":"\#(id)",\#(Self.made),"x":1.0}}"#
        )
    }

    @Test("A task that nobody asked for, or that has no id, is a fault of the backend")
    func faults() async throws {
        let backend = Self.backend()
        let gateway = TestGateway(["b": backend])
        for (client, result) in [
            ("{}", #"{"resultType":"task","taskId":"t",\#(Self.made)}"#),
            (Self.extensions, #"{"resultType":"task",\#(Self.made)}"#),
        ] {
            let answer = try await gateway.post("tools/call", #""name":"b_echo""#, capabilities: client)
            backend.answer(await backend.next("tools/call"), result: result)
            let text = await answer.text()
            #expect(text.contains("protocol_error") && text.contains(#""isError":true"#), "\(text)")
        }
        // A client with a session knows no tasks of this kind.
        let session = try await gateway.session()
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo"}}"#)
        backend.answer(await backend.next("tools/call"), result: #"{"resultType":"task","taskId":"t",\#(Self.made)}"#)
        #expect(await stream.response()?.contains("protocol_error") == true)
    }

    @Test("Requests about a task reach its backend with the backend's id, in the header too; equal ids do not mix")
    func routed() async throws {
        let (one, two) = (Self.backend(), Self.backend())
        let gateway = TestGateway(["b": one, "c": two])
        let ids = [try await make("t", gateway, one), try await make("t", gateway, two, tool: "c_echo")]
        #expect(ids[0] != ids[1])
        for (backend, id) in zip([one, two], ids) {
            for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
                let answer = try await gateway.post(
                    method, #""taskId":"\#(id)","inputResponses":{"q":{"action":"accept","content":{"n":1.0}}}"#,
                    capabilities: Self.extensions, principal: Self.user)
                let call = await backend.next(method)
                #expect(call.message.params?["taskId"]?.string == "t")
                #expect(
                    text(call.message.params?["inputResponses"]) == #"{"q":{"action":"accept","content":{"n":1.0}}}"#)
                #expect(call.context.headers.contains { $0.name == "Mcp-Name" && $0.value == "t" })
                let isGet = method == "tasks/get"
                backend.answer(
                    call,
                    result: isGet
                        ? #"{"resultType":"complete","taskId":"t","result":{"n":1.50}}"# : #"{"resultType":"complete"}"#
                )
                let result = try await answer.response()["result"]
                #expect(result?["taskId"]?.string == (isGet ? id : nil))
                #expect(text(result?["result"]) == (isGet ? #"{"n":1.50}"# : ""))
                #expect(result?["resultType"]?.string == "complete")
            }
        }
    }

    @Test("URIs that are rewritten are rewritten in the result of a task too")
    func resources() async throws {
        let list = #"{"resources":[{"uri":"mem://a","name":"a"}]}"#
        let (one, two) = (
            Self.backend(lists: ["resources/list": list]), Self.backend(lists: ["resources/list": list])
        )
        let gateway = TestGateway(["b": one, "c": two])
        let id = try await make("t", gateway, two, tool: "c_echo")
        let answer = try await gateway.post(
            "tasks/get", #""taskId":"\#(id)""#, capabilities: Self.extensions, principal: Self.user)
        let link = #"{"type":"resource_link","uri":"mem://a","name":"a"}"#
        two.answer(
            await two.next("tasks/get"),
            result: #"{"resultType":"complete","taskId":"t","status":"completed","result":{"content":[\#(link)]}}"#)
        let shown = try await answer.response()["result"]?["result"]?["content"]?.elements.first?["uri"]?.string
        let listed = try await gateway.post("resources/list").response()["result"]?["resources"]?.elements
            .compactMap { $0["uri"]?.string }
        let rewritten = try #require(listed?.first { $0 != "mem://a" })
        #expect(shown == rewritten)
    }

    @Test(
        "What is no task of this caller is unknown, and no backend hears of it",
        arguments: ["tasks/get", "tasks/cancel"])
    func unknown(method: String) async throws {
        let backend = Self.backend()
        let key = StateKey.made()
        let gateway = TestGateway(["b": backend], stateKey: key)
        let id = try await make("t", gateway, backend)
        let seal = TaskSeal(key)
        func sealed(_ form: TaskReference.Form, _ backend: String) -> String {
            seal.id(of: TaskReference(form: form, backend: backend, id: "t"), for: Self.user)
        }
        for (asked, principal) in [
            ("t", Self.user), ("", Self.user), (id + "A", Self.user), (id, .anonymous),
            (id, Principal(issuer: "i", subject: "other")), (sealed(.asked, "b"), Self.user),
            (sealed(.decided, "gone"), Self.user),
        ] {
            let answer = try await gateway.post(
                method, #""taskId":"\#(asked)""#, capabilities: Self.extensions, principal: principal)
            #expect(await answer.text().contains("unknown task"))
            #expect(answer.code == -32602)
        }
        #expect(!backend.methods.contains(method))
    }

    @Test(
        "The extension must be declared, and the id be one string",
        arguments: [
            (
                "{}", #""taskId":"x""#, -32021,
                #"{"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}"#
            ),
            (extensions, "", -32602, ""), (extensions, #""taskId":1"#, -32602, ""),
            (extensions, #""taskId":"a","taskId":"b""#, -32602, ""),
            (extensions, #""taskId":"a","TaskId":"b""#, -32602, ""),
        ])
    func refused(_ capabilities: String, _ members: String, _ code: Int, _ data: String) async throws {
        let gateway = TestGateway(["b": Self.backend()])
        let answer = try await gateway.post("tasks/get", members, capabilities: capabilities)
        let response = try await answer.response()
        #expect(answer.code == code && response["error"]?["code"]?.integer == code)
        #expect(text(response["error"]?["data"]) == data)
    }

    @Test("A backend's errors about a task are the client's, and one that has no tasks any more knows none")
    func errors() async throws {
        let backend = Self.backend()
        let gateway = TestGateway(["b": backend])
        let id = try await make("t", gateway, backend)
        let answer = try await gateway.post(
            "tasks/get", #""taskId":"\#(id)""#, capabilities: Self.extensions, principal: Self.user)
        backend.refuse(await backend.next("tasks/get"), #"{"code":-32602,"message":"gone","data":1.0}"#)
        #expect(await answer.text() == #"{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"gone","data":1.0}}"#)
        #expect(answer.code == -32602)
    }

    @Test("What would make a task at a backend with sessions does not get there")
    func older() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend])
        _ = try await gateway.post(
            "tools/call", #""task":{"ttl":1},"name":"b_echo","arguments":{}"#, capabilities: Self.extensions)
        let call = await backend.next("tools/call")
        #expect(text(call.message.params) == #"{"name":"echo","arguments":{},"_meta":{}}"#)
    }
}
