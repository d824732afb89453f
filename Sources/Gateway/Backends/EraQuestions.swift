import Synchronization

/// The questions to a backend whose era is being found out, and the one place where their answers arrive.
final class EraQuestions: Sendable {
    private struct State {
        var ids: [UInt64] = []
        var alarm: Task<Void, Never>?
    }

    private let events: AsyncStream<EraProbe.Event>.Continuation
    private let state = Mutex(State())

    init(_ events: AsyncStream<EraProbe.Event>.Continuation) { self.events = events }

    /// Takes the answer to a question.
    func reply(
        _ event: @escaping @Sendable (Result<JSONRPCMessage, Outcome>) -> EraProbe.Event
    ) -> any BackendReply {
        Reply { [events] in events.yield(event($0)) }
    }

    func add(_ id: UInt64) { state.withLock { $0.ids.append(id) } }

    func afterSilence(_ milliseconds: UInt64, clock: GatewayClock) {
        let alarm = Task { [events] in
            do { try await clock.sleep(milliseconds) } catch { return }
            events.yield(.silence)
        }
        state.withLock { $0.alarm = alarm }
    }

    /// It is known, or will not be.
    func end(_ session: BackendSession) {
        let ended = state.withLock { $0 }
        ended.alarm?.cancel()
        events.finish()
        for id in ended.ids { session.forget(id) }
    }

    private final class Reply: BackendReply {
        private let take: @Sendable (Result<JSONRPCMessage, Outcome>) -> Void

        init(_ take: @escaping @Sendable (Result<JSONRPCMessage, Outcome>) -> Void) { self.take = take }

        func notified(_ notification: [UInt8], level: LogLevel?) {}
        func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { false }
        func answered(_ response: JSONRPCMessage) { take(.success(response)) }
        func failed(_ outcome: Outcome) { take(.failure(outcome)) }
    }
}
