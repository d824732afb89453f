import Testing

@testable import Gateway

@Suite("Calls that are sent again", .timeLimit(.minutes(2)))
struct CallRetriesTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let outcome: Outcome
        /// The longest pause before each further attempt: for a call that may run twice, and for one that may not.
        let pauses: (repeatable: [UInt64], other: [UInt64])
        init(_ claim: String, _ outcome: Outcome, _ repeatable: [UInt64], _ other: [UInt64]) {
            (testDescription, self.outcome, pauses) = (claim, outcome, (repeatable, other))
        }
    }

    static let rows = [
        Row("refused connection", Outcome(.unavailable, notSent: true), [100, 200], [100, 200]),
        Row("broken connection", Outcome(.unavailable), [100, 200], []),
        Row("500", Outcome(.unavailable, httpStatus: 500), [100, 200], []),
        Row("503 that names a time", Outcome(.unavailable, httpStatus: 503, retryAfter: 1), [], []),
        Row("half an answer", Outcome(.protocolError), [100, 200], []),
        Row(
            "expired session", Outcome(.notFound, notSent: true, sessionLost: true, httpStatus: 404), [0], [0]),
        Row("no answer in time", Outcome(.timeout), [], []),
        Row("no connection in time", Outcome(.timeout, notSent: true), [], []),
        Row("open circuit", Outcome(.unavailable, notSent: true, refusal: .circuitOpen), [], []),
        Row("too many requests", Outcome(.exhausted, httpStatus: 429), [], []),
        Row("refused credential", Outcome(.unauthenticated, httpStatus: 401), [], []),
        Row("bad request", Outcome(.invalid, httpStatus: 400), [], []),
    ]

    @Test("Only what did not run, or may run twice, and only a few times", arguments: rows)
    func pauses(row: Row) {
        for (mayRepeat, expected) in [(true, row.pauses.repeatable), (false, row.pauses.other)] {
            var retries = CallRetries()
            for longest in expected {
                let pause = retries.pause(after: row.outcome, limit: 2, mayRepeat: mayRepeat)
                #expect(pause.map { (longest / 2...longest).contains($0) } == true)
            }
            #expect(retries.pause(after: row.outcome, limit: 2, mayRepeat: mayRepeat) == nil)
        }
    }

    @Test(
        "A call that did not run is sent again, one that may have run only if its tool says so",
        arguments: [true, false])
    func calls(isStateless: Bool) async throws {
        let tools = #"{"tools":[{"name":"write"},{"name":"read","annotations":{"readOnlyHint":true}}]}"#
        let backend = MemoryBackend(traits: [.hasHeaders], lists: ["tools/list": tools])
        let gateway = TestGateway(["b": backend], retries: 1)
        let session = try await gateway.session()
        func send(_ tool: String) async throws -> RecordingStream {
            isStateless
                ? try await gateway.post("tools/call", #""name":"b_\#(tool)""#).recording
                : try session.ask(
                    #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_\#(tool)"}}"#)
        }
        for (tool, outcome) in [
            ("write", Outcome(.unavailable, notSent: true)), ("read", Outcome(.unavailable)),
        ] {
            let stream = try await send(tool)
            await backend.next("tools/call").observer.ended(outcome, last: [])
            await gateway.clock.until { $0.contains { (50...100).contains($0) } }
            gateway.clock.advance(by: 100)
            backend.answer(await backend.next("tools/call"), result: #"{"content":[]}"#)
            #expect(await stream.response()?.contains(#""content":[]"#) == true)
        }
        let stream = try await send("write")
        await backend.next("tools/call").observer.ended(Outcome(.unavailable), last: [])
        #expect(await stream.response()?.contains(#""isError":true"#) == true)
        #expect(backend.methods.filter { $0 == "tools/call" }.count == 5)
    }

    @Test("A client that cancels during the pause wins")
    func cancelled() async throws {
        let backend = MemoryBackend(traits: [.hasHeaders])
        let gateway = TestGateway(["b": backend], retries: 1)
        let session = try await gateway.session()
        let stream = try session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo"}}"#)
        await backend.next("tools/call").observer.ended(Outcome(.unavailable, notSent: true), last: [])
        await gateway.clock.until { $0.contains { (50...100).contains($0) } }
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#))
        #expect(await stream.response() == nil)
        gateway.clock.advance(by: 100)
        // What was sent later has arrived, and the call has not.
        let other = try session.ask(#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"b_echo"}}"#)
        backend.answer(await backend.next("tools/call"), result: "{}")
        _ = await other.response()
        #expect(backend.methods.filter { $0 == "tools/call" }.count == 2)
    }
}
