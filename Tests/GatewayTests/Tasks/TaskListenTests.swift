import Testing

@testable import Gateway

@Suite("2026-07-28: subscriptions/listen for tasks", .timeLimit(.minutes(2)))
struct TaskListenTests {
    private static let user = Principal(issuer: "i", subject: "user")
    private let key = StateKey.made()

    private func id(_ own: String, _ backend: String = "b", _ principal: Principal = user) -> String {
        TaskSeal(key).id(of: TaskReference(form: .decided, backend: backend, id: own), for: principal)
    }

    private func listen(
        _ gateway: TestGateway, _ ids: [String], more: String = "", number: String = "7",
        capabilities: String = DecidedTaskTests.extensions
    ) async throws -> StatelessAnswer {
        let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
        return try await gateway.post(
            "subscriptions/listen", #""notifications":{\#(more)"taskIds":[\#(list)]}"#, id: number,
            capabilities: capabilities, principal: Self.user)
    }

    private func text(_ slice: JSONSlice?) -> String { slice.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "" }
    private func mark(_ id: String) -> String { #""_meta":{"io.modelcontextprotocol/subscriptionId":\#(id)"# }

    /// The streams about tasks that a backend has been asked for.
    private func streams(_ backend: MemoryBackend, _ count: Int) async -> [MemoryBackend.Waiting] {
        await backend.until {
            $0.subscriptions.count { $0.message.params?["notifications"]?["taskIds"] != nil } >= count
        }
        return backend.subscriptions.filter { $0.message.params?["notifications"]?["taskIds"] != nil }
    }

    @Test(
        "Only tasks that a backend agrees to tell of are acknowledged, under the client's ids",
        arguments: [true, false])
    func acknowledged(http: Bool) async throws {
        let backend = DecidedTaskTests.backend(http: http)
        backend.set { $0.acknowledgesLate = true }
        let gateway = TestGateway(["b": backend, "c": DecidedTaskTests.backend(tasks: false)], stateKey: key)
        let answer = try await listen(
            gateway, [id("1"), id("2"), "made up", id("3", "c"), id("4", "gone"), id("5", "b", .anonymous), id("1")])
        let stream = await streams(backend, 1)[0]
        #expect(text(stream.message.params?["notifications"]) == #"{"taskIds":["1","2"]}"#)
        let meta = stream.message.params?["_meta"]
        #expect(
            text(meta?["io.modelcontextprotocol/clientCapabilities"])
                == #"{"extensions":{"io.modelcontextprotocol/tasks":{}}}"#)
        #expect(answer.sent.isEmpty)
        backend.acknowledge(stream, #"{"taskIds":["2","9"]}"#)
        #expect(
            await answer.messages(1) == [
                #"{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"taskIds":["\#(id("2"))"]},\#(mark("7"))}}}"#
            ])
        backend.tell(stream, "notifications/tasks", #""taskId":"1","status":"working""#)
        backend.tell(stream, "notifications/tasks", #""taskId":"9","status":"working""#)
        backend.tell(stream, "notifications/tasks", #""taskId":"2","status":"completed","result":{"n":1.0}"#)
        #expect(
            await answer.messages(2).last
                == #"{"jsonrpc":"2.0","method":"notifications/tasks","params":{"taskId":"\#(id("2"))","status":"completed","result":{"n":1.0},\#(mark("7")),"x/own":1}}}"#
        )
        #expect(answer.sent.count == 2)
    }

    @Test("Each listen has a stream of its own with the backend, which ends with it")
    func apart() async throws {
        let backend = DecidedTaskTests.backend()
        let gateway = TestGateway(["b": backend], stateKey: key)
        let one = try await listen(gateway, [id("1")], number: "1")
        _ = await one.messages(1)
        let two = try await listen(gateway, [id("1")], number: "2")
        _ = await two.messages(1)
        let open = await streams(backend, 2)
        backend.tell(open[1], "notifications/tasks", #""taskId":"1""#)
        #expect(await two.messages(2).count == 2)
        #expect(one.sent.count == 1)
        one.cancel()
        await backend.until { $0.cancelled.count == 1 }
        #expect(backend.cancelled == [open[0].call])
        backend.tell(open[0], "notifications/tasks", #""taskId":"1""#)
        backend.tell(open[1], "notifications/tasks", #""taskId":"1""#)
        #expect(await two.messages(3).count == 3)
        #expect(one.sent.count == 1)
        two.drain()
        #expect(await two.text().contains(#""resultType":"complete""#))
        await backend.until { $0.cancelled.count == 2 }
    }

    @Test("A stream that the backend ends is opened again after a pause; a refused one is not")
    func again() async throws {
        let backend = DecidedTaskTests.backend()
        let gateway = TestGateway(["b": backend], stateKey: key)
        let answer = try await listen(gateway, [id("1")])
        _ = await answer.messages(1)
        let first = await streams(backend, 1)[0]
        backend.answer(first, result: #"{"resultType":"complete"}"#)
        await gateway.clock.until { $0.contains(1_000) }
        gateway.clock.advance(by: 1_000)
        let second = await streams(backend, 2)[1]
        backend.tell(second, "notifications/tasks", #""taskId":"1""#)
        #expect(await answer.messages(2).count == 2)

        backend.set { $0.acknowledgesLate = true }
        let refused = try await listen(gateway, [id("1")], number: "8")
        backend.refuse(await streams(backend, 3)[2], #"{"code":-32601,"message":"no"}"#)
        #expect(await refused.messages(1)[0].contains(#""notifications":{}"#))
    }

    @Test("Other parts of the filter stay; the extension must be declared; the number of tasks is limited")
    func filter() async throws {
        var limits = StatelessLimits()
        limits.subscriptionsPerListen = 2
        let backend = DecidedTaskTests.backend()
        let gateway = TestGateway(["b": backend], stateless: limits, stateKey: key)
        let answer = try await listen(gateway, ["x"], more: #""toolsListChanged":true,"#)
        #expect(await answer.messages(1)[0].contains(#""notifications":{"toolsListChanged":true}"#))
        let undeclared = try await listen(gateway, [id("1")], capabilities: "{}")
        _ = await undeclared.text()
        #expect(undeclared.code == -32021)
        let many = try await listen(gateway, ["1", "2", "3"])
        #expect(await many.text().contains("operational.limits.subscriptionsPerSession"))
        #expect(many.code == -32602)
    }
}
