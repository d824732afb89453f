import Testing

@testable import Gateway

@Suite("What sessions leave behind")
struct SessionLeakTests {
    private struct Weak { weak var object: AnyObject? }

    @Test("A thousand sessions that called, subscribed and listened leave nothing", arguments: [true, false])
    func nothing(shares: Bool) async throws {
        let backend = MemoryBackend(
            traits: shares ? [.shareable, .answersOnSession] : [.answersOnSession],
            lists: [
                "tools/list": #"{"tools":[{"name":"echo"}]}"#,
                "resources/list": #"{"resources":[{"uri":"mem://a","name":"a"}]}"#,
            ])
        let gateway = TestGateway(["b": backend])
        var past: [Weak] = []
        for _ in 0..<1_000 { past += try await live(gateway, backend) }
        #expect(past.count == 3_000)
        // The tasks that opened the last sessions may be about to return.
        #expect(past.filter { $0.object != nil }.count < 30)
        #expect(gateway.server.sessions.count == 0)
        #expect(gateway.server.backend(named: "b")?.openSessions.count == 1)
        #expect(backend.sessions.count == 1)
    }

    enum End: CaseIterable { case client, age, oneTooMany }

    @Test(
        "A session tells once that it has ended, whatever ended it, and at once who asks later", arguments: End.allCases
    )
    func told(end: End) async throws {
        let gateway = TestGateway([:], sessionCapacity: 1)
        let session = try await gateway.session()
        let told = RecordingStream()
        session.whenOver { _ = told.send(Array("over".utf8)) }
        #expect(told.sent.isEmpty)
        switch end {
        case .client: await session.end()
        case .age:
            gateway.clock.advance(by: 1_800_000)
            await gateway.server.sweep()
        case .oneTooMany: _ = try await gateway.session()
        }
        #expect(told.sent == ["over"])
        await session.end()
        session.whenOver { _ = told.send(Array("late".utf8)) }
        #expect(told.sent == ["over", "late"])
    }

    /// The life of one client session.
    private func live(_ gateway: TestGateway, _ backend: MemoryBackend) async throws -> [Weak] {
        let session = try await gateway.session()
        let events = RecordingStream()
        session.attach(events)
        let call = try session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo"}}"#)
        backend.answer(await backend.next("tools/call"), result: "{}")
        _ = await call.response()
        let subscription = try session.ask(
            #"{"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":"mem://a"}}"#)
        backend.answer(await backend.next("resources/subscribe"), result: "{}")
        _ = await subscription.response()
        await session.end()
        // Of the last subscription the backend is told; a session of its own is closed when it has answered.
        for waiting in backend.takeUnanswered() { backend.answer(waiting, result: "{}") }
        return [Weak(object: session), Weak(object: events), Weak(object: call)]
    }
}
