import Synchronization
import Testing

@testable import Gateway

@Suite("Composite tools: calls")
struct CompositeCallTests {
    private static let fixed =
        #"{"content":[{"type":"text","text":"t"}],"structuredContent":{"n":7,"big":18446744073709551617,"list":[1,2]}}"#

    @Test("Steps without dependencies run together, and values keep their types on the way to the next step")
    func parallelThenJoin() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [
                try Workflows.flow(
                    Workflows.tool("one", "a_echo", #"{"x":"{{.params.x}}","k":1.0}"#), Workflows.tool("two", "a.echo"),
                    Workflows.tool(
                        "three", "a_echo",
                        #"{"n":"{{.steps.one.output.n}}","b":"{{.steps.one.output.big}}","t":"{{.steps.two.output.text}}","l":["{{.steps.one.output.list}}"]}"#
                    ),
                    parameters: #"{"type":"object","properties":{"x":{"type":"integer","default":5}}}"#)
            ])
        let session = try await gateway.session()
        let stream = try session.ask(Workflows.call())
        let (first, second) = (await backend.next("tools/call"), await backend.next("tools/call"))
        #expect(Set([first.arguments, second.arguments]) == [#"{"x":5,"k":1.0}"#, "{}"])
        #expect(first.message.params?["name"]?.string == "echo")
        for call in [first, second] {
            backend.answer(
                call, result: call.arguments == "{}" ? #"{"content":[{"type":"text","text":"hi"}]}"# : Self.fixed)
        }
        let third = await backend.next("tools/call")
        #expect(third.arguments == #"{"n":7,"b":18446744073709551617,"t":"hi","l":[[1,2]]}"#)
        backend.answer(third, result: #"{"content":[],"structuredContent":{"ok":true}}"#)
        #expect(
            await stream.response()
                == #"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"{\"ok\":true}"}],"structuredContent":{"ok":true}}}"#
        )
        #expect(gateway.server.workflows.count == 0)
    }

    @Test("A step that is ready does not wait for a slow one beside it")
    func noBarrier() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [
                try Workflows.flow(
                    Workflows.tool("fast", "a_echo", #"{"s":"fast"}"#),
                    Workflows.tool("slow", "a_echo", #"{"s":"slow"}"#),
                    Workflows.tool("next", "a_echo", #"{"s":"next"}"#, after: "fast"))
            ])
        _ = try await gateway.session().ask(Workflows.call())
        let calls = [await backend.next("tools/call"), await backend.next("tools/call")]
        for call in calls where call.arguments.contains("fast") { backend.answer(call, result: "{}") }
        #expect(await backend.next("tools/call").arguments == #"{"s":"next"}"#)
    }

    @Test("An output has its types, and its text twin is the same JSON")
    func typedOutput() async throws {
        let backend = MemoryBackend()
        let output = try Workflows.output(
            ("n", .integer, "{{.steps.one.output.n}}"), ("text", .string, "n={{.steps.one.output.n}}"),
            ("list", .array, "{{.steps.one.output.list}}"), ("flag", .boolean, "{{eq .steps.one.output.n 7}}"),
            ("big", .integer, "{{.steps.one.output.big}}"), required: ["n"])
        let gateway = TestGateway(
            ["a": backend], compositeTools: [try Workflows.flow(Workflows.tool("one"), output: output)])
        let stream = try await gateway.session().ask(Workflows.call())
        backend.answer(await backend.next("tools/call"), result: Self.fixed)
        let expected = #"{"n":7,"text":"n=7","list":[1,2],"flag":true,"big":18446744073709551617}"#
        let response = try JSONSlice(validating: Array((await stream.response() ?? "").utf8))
        let result = try #require(response["result"])
        #expect(result["structuredContent"].map { String(decoding: $0.bytes, as: UTF8.self) } == expected)
        #expect(result["content"]?.elements.first?["text"]?.string == expected)
    }

    @Test(
        "Arguments that do not fit are refused with their path, before any step",
        arguments: [
            ("{}", "city: expected a value"), (#"{"city":5}"#, "city: expected string, found number"),
            (#"{"city":"a","list":[1,"x"]}"#, "list[1]: expected integer"),
            (#"{"city":"a","other":1}"#, "other: expected no such member"),
        ])
    func badArguments(arguments: String, part: String) async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [
                try Workflows.flow(
                    Workflows.tool("one"),
                    parameters:
                        #"{"type":"object","properties":{"city":{"type":"string"},"list":{"type":"array","items":{"type":"integer"}}},"required":["city"],"additionalProperties":false}"#
                )
            ])
        let response = await (try await gateway.session().ask(Workflows.call(arguments))).response() ?? ""
        #expect(response.contains("\"code\":-32602") && response.contains(part), "\(response)")
        let modern = try await gateway.post("tools/call", #""name":"flow","arguments":\#(arguments)"#)
        #expect(await modern.text().contains(part) && modern.code == -32602)
        #expect(!backend.methods.contains("tools/call"))
    }

    @Test("A failing step names itself, its tool and backend; siblings are cancelled at their backend")
    func failure() async throws {
        let backend = MemoryBackend()
        let events = RecordedEvents()
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [
                try Workflows.flow(
                    Workflows.tool("bad", "a_echo", #"{"s":"bad"}"#),
                    Workflows.tool("slow", "a_echo", #"{"s":"slow"}"#),
                    Workflows.tool("never", after: "bad"))
            ], workflowEvents: events)
        let stream = try await gateway.session().ask(Workflows.call(meta: #"{"vmcp.dev/partialResults":true}"#))
        let calls = [await backend.next("tools/call"), await backend.next("tools/call")]
        for call in calls where call.arguments.contains("bad") {
            backend.answer(call, result: #"{"content":[{"type":"text","text":"no luck"}],"isError":true}"#)
        }
        let result = try JSONSlice(validating: Array((await stream.response() ?? "").utf8))["result"]
        #expect(
            result?["content"]?.elements.first?["text"]?.string
                == "Workflow execution failed: tool call failed: tool a_echo of backend a in step bad: no luck")
        let detail = result?["_meta"]?["vmcp.dev/error"]
        #expect(
            result?["isError"]?.bool == true && detail?["step"]?.string == "bad" && detail?["backend"]?.string == "a")
        let steps = result?["structuredContent"]?["steps"]
        #expect(steps?["bad"]?["status"]?.string == "failed" && steps?["never"]?["status"]?.string == "pending")
        await backend.until { state in state.received.contains { $0.method == "notifications/cancelled" } }
        #expect(events.lines.contains("step_failed bad") && events.lines.last == "failed")
    }

    @Test("A failure that is continued has its stand-in, and a condition that is false skips")
    func goOn() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [
                try Workflows.flow(
                    Workflows.tool("bad", onError: .continue, standIn: #"{"v":"none"}"#),
                    Workflows.tool(
                        "skipped", "a_echo", "{}", after: "bad", when: "{{eq .steps.bad.status \"completed\"}}",
                        standIn: #"{"v":2}"#),
                    Workflows.tool(
                        "last", "a_echo",
                        #"{"a":"{{.steps.bad.output.v}}","b":"{{.steps.skipped.output.v}}","e":"{{.steps.bad.error}}"}"#
                    ))
            ])
        _ = try await gateway.session().ask(Workflows.call())
        let bad = await backend.next("tools/call")
        backend.push(
            bad,
            #"{"jsonrpc":"2.0","id":\#(String(decoding: bad.id, as: UTF8.self)),"error":{"code":-32000,"message":"broken"}}"#
        )
        #expect(await backend.next("tools/call").arguments == #"{"a":"none","b":2,"e":"broken"}"#)
    }

    @Test("A retry comes after its pause under the gateway's clock")
    func retry() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [try Workflows.flow(Workflows.tool("one", onError: .retry(count: 1, delay: 100_000)))])
        let stream = try await gateway.session().ask(Workflows.call())
        backend.answer(await backend.next("tools/call"), result: #"{"content":[],"isError":true}"#)
        await gateway.clock.until { sleepers in sleepers.contains { (50_000...150_000).contains($0) } }
        gateway.clock.advance(by: 150_000)
        backend.answer(await backend.next("tools/call"), result: #"{"content":[],"structuredContent":{"ok":1}}"#)
        #expect(await stream.response()?.contains(#""structuredContent":{"ok":1}"#) == true)
    }

    @Test("Cancelling the call cancels its steps at their backends, in both eras, and leaves nothing")
    func cancel() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend], compositeTools: [try Workflows.flow(Workflows.tool("one"), Workflows.tool("two"))])
        let session = try await gateway.session()
        let stream = try session.ask(Workflows.call())
        _ = (await backend.next("tools/call"), await backend.next("tools/call"))
        session.accept(
            try TestGateway.message(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#))
        #expect(await stream.response() == nil)
        await backend.until { state in state.received.count { $0.method == "notifications/cancelled" } == 2 }

        let modern = try await gateway.post("tools/call", #""name":"flow""#)
        _ = (await backend.next("tools/call"), await backend.next("tools/call"))
        modern.cancel()
        await backend.until { state in state.received.count { $0.method == "notifications/cancelled" } == 4 }
        // The run ends right after it told its backends.
        while gateway.server.workflows.count > 0 { await Task.yield() }
        #expect(gateway.server.workflows.count == 0)
    }

    @Test("The end of the session ends its runs")
    func sessionEnds() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["a": backend], compositeTools: [try Workflows.flow(Workflows.tool("one"))])
        let session = try await gateway.session()
        let stream = try session.ask(Workflows.call())
        _ = await backend.next("tools/call")
        await session.end()
        #expect(await stream.response() == nil)
        await backend.until { state in state.received.contains { $0.method == "notifications/cancelled" } }
        await gateway.nothingRuns()
    }

    @Test("A step over its time is cancelled at its backend and fails")
    func timeout() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend], compositeTools: [try Workflows.flow(Workflows.tool("one", timeout: 5_000))])
        let stream = try await gateway.session().ask(Workflows.call())
        _ = await backend.next("tools/call")
        await gateway.clock.sleeper(5_000)
        gateway.clock.advance(by: 5_000)
        let response = await stream.response() ?? ""
        #expect(
            response.contains("step one timed out after 5000 ms") && response.contains(#""category":"timeout""#),
            "\(response)")
        await backend.until { state in state.received.contains { $0.method == "notifications/cancelled" } }
    }

    @Test("A backend that is lost in the middle fails the step with its category")
    func lost() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["a": backend], compositeTools: [try Workflows.flow(Workflows.tool("one"))])
        let stream = try await gateway.session().ask(Workflows.call())
        let call = await backend.next("tools/call")
        call.observer.ended(Outcome(.unavailable, message: "gone"), last: [])
        let response = await stream.response() ?? ""
        #expect(
            response.contains("backend a in step one: Backend")
                && response.contains(#""category":"connection_failed""#), "\(response)")
    }

    @Test("Each step that ends makes progress for the caller's token, and progress of a step makes none")
    func progress() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [try Workflows.flow(Workflows.tool("one"), Workflows.tool("two", after: "one"))])
        let stream = try await gateway.session().ask(Workflows.call(meta: #"{"progressToken":"t"}"#))
        let modern = try await gateway.post("tools/call", #""name":"flow""#, meta: #","progressToken":"m""#)
        for _ in 0..<4 {
            let call = await backend.next("tools/call")
            let token = try #require(call.message.params?["_meta"]?["progressToken"]?.integer)
            backend.say(
                #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":\#(token),"progress":1}}"#,
                session: call.session)
            backend.answer(call, result: "{}")
        }
        _ = await (stream.response(), modern.text())
        func lines(_ token: String) -> [String] {
            (1...2).map {
                #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"\#(token)","progress":\#($0),"total":2,"message":"step \#($0 == 1 ? "one" : "two") completed"}}"#
            }
        }
        #expect(stream.sent == lines("t") && modern.sent == lines("m"))
    }

    @Test("Without sessions a composite tool answers as any tool of that revision")
    func stateless() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["a": backend], compositeTools: [try Workflows.flow(Workflows.tool("one"))])
        let answer = try await gateway.post("tools/call", #""name":"flow""#)
        backend.answer(await backend.next("tools/call"), result: #"{"content":[],"structuredContent":{"ok":true}}"#)
        #expect(
            await answer.text()
                == #"{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","_meta":{\#(TestGateway.serverInfo)},"content":[{"type":"text","text":"{\"ok\":true}"}],"structuredContent":{"ok":true}}}"#
        )
    }

    @Test("forEach calls once for each element, with bounds, and sums up")
    func forEach() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [
                try Workflows.flow(
                    Workflows.forEach(
                        "each", in: "{{.params.l}}", #"{"v":"{{.forEach.item.x}}","i":"{{.forEach.index}}"}"#,
                        parallel: 1, most: 3, onError: .continue))
            ])
        let session = try await gateway.session()
        let stream = try session.ask(Workflows.call(#"{"l":[{"x":"p"},{"x":"q"}]}"#))
        let first = await backend.next("tools/call")
        #expect(first.arguments == #"{"v":"p","i":0}"#)
        backend.answer(first, result: #"{"content":[],"isError":true}"#)
        let second = await backend.next("tools/call")
        #expect(second.arguments == #"{"v":"q","i":1}"#)
        backend.answer(second, result: #"{"structuredContent":{"r":1}}"#)
        let result = try JSONSlice(validating: Array((await stream.response() ?? "").utf8))["result"]?[
            "structuredContent"]
        #expect(result?["count"]?.integer == 2 && result?["completed"]?.integer == 1 && result?["failed"]?.integer == 1)
        #expect(result?["iterations"]?.elements.map { $0["status"]?.string } == ["failed", "completed"])
        let many = try await (session.ask(Workflows.call(#"{"l":[1,2,3,4]}"#, id: 2))).response() ?? ""
        #expect(many.contains(#""structuredContent":{}"#), "a list that is too long fails the step, which continues")
        let none = try await (session.ask(Workflows.call(#"{"l":[]}"#, id: 3))).response() ?? ""
        #expect(none.contains(#""count":0"#))
    }

    @Test("URIs in what a step gives are those that clients use, as with a direct call", arguments: [true, false])
    func uris(withSession: Bool) async throws {
        let lists = [
            "tools/list": #"{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}"#,
            "resources/list": #"{"resources":[{"uri":"u:/1","name":"one"}]}"#,
        ]
        let second = MemoryBackend(lists: lists)
        let gateway = TestGateway(
            ["a": MemoryBackend(lists: lists), "b": second],
            compositeTools: [try Workflows.flow(Workflows.tool("one", "b_echo"))])
        let answer =
            withSession
            ? try await gateway.session().ask(Workflows.call())
            : try await gateway.post("tools/call", #""name":"flow""#).recording
        second.answer(
            await second.next("tools/call"), result: #"{"content":[{"type":"resource","resource":{"uri":"u:/1"}}]}"#)
        #expect(await answer.response()?.contains(#""structuredContent":{"resource":{"uri":"vmcp.b+u:/1"}}"#) == true)
    }
}

extension TestGateway {
    /// Waits until no run is under way.
    func nothingRuns() async { while server.workflows.count > 0 { await Task.yield() } }
}
