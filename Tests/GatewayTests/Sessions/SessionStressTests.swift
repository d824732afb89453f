import Gateway
import Testing

@Suite("Sessions under stress", .timeLimit(.minutes(2)))
struct SessionStressTests {
    @Test(
        "Every request ends, whatever is lost, cancelled or ended around it",
        arguments: [[.shareable, .answersOnSession], [.shareable], [.answersOnSession], []] as [BackendTraits])
    func everyRequestEnds(traits: BackendTraits) async throws {
        let backend = MemoryBackend(
            traits: traits, lists: ["tools/list": #"{"tools":[{"name":"echo"}]}"#, "tools/call": #"{"content":[]}"#])
        let gateway = TestGateway(["b": backend])
        let sessions = try await gateway.sessions(16)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, session) in sessions.enumerated() {
                group.addTask {
                    var streams: [RecordingStream] = []
                    for id in 0..<100 {
                        streams.append(
                            try session.ask(
                                #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"b_echo"}}"#))
                        if id % 7 == number % 7 {
                            session.accept(
                                try TestGateway.message(
                                    #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id)}}"#
                                ))
                        }
                        if id == 50, number.isMultiple(of: 4) { await session.end() }
                        if id.isMultiple(of: 10) { await Task.yield() }
                    }
                    for stream in streams { _ = await stream.response() }
                }
            }
            group.addTask {
                for turn in 0..<50 {
                    let open = backend.sessions
                    if !open.isEmpty {
                        backend.lose(open[turn % open.count], Outcome(.unavailable, message: "exited"))
                    }
                    gateway.clock.advance(by: 1_000)
                    await gateway.server.sweep()
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
        #expect(gateway.server.sessions.count == 12)
    }
}
