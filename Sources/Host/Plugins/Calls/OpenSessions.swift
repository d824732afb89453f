import Gateway
import Synchronization

/// The sessions of one plugin whose sinks are in use. As with calls, the sink's context is a number.
final class OpenSessions: Sendable {
    private let sessions = Mutex<[ContextNumber: OpenSession]>([:])
    private let misbehaviour: MisbehaviourLog
    private let messageLimit: Int

    init(misbehaviour: MisbehaviourLog, messageLimit: Int) {
        self.misbehaviour = misbehaviour
        self.messageLimit = messageLimit
    }

    /// Sessions whose sinks are in use.
    var count: Int { sessions.withLock { $0.count } }

    func add(_ number: ContextNumber, observer: any BackendSessionObserver, canPause: Bool) -> OpenSession {
        let session = OpenSession(observer: observer, canPause: canPause)
        sessions.withLock { $0[number] = session }
        return session
    }

    /// The plugin must not use the sink any more.
    func remove(_ number: ContextNumber) {
        let session = sessions.withLock { $0.removeValue(forKey: number) }
        session?.close()
    }

    // MARK: What plugins call

    func message(_ number: ContextNumber, _ data: UnsafeRawBufferPointer) -> Flow {
        guard let session = sessions.withLock({ $0[number] }) else {
            countStray(number, .messageAfterEnd)
            return .stop
        }
        guard data.count <= messageLimit else {
            let outcome = Outcome(
                .exhausted, sessionLost: true, message: "a message is over the limit of \(messageLimit) bytes")
            session.lost(outcome)
            return .stop
        }
        let (flow, concurrent) = session.message(Array(data))
        if concurrent { misbehaviour.count(.concurrentEmit, number.serial) }
        return flow
    }

    func lost(_ number: ContextNumber, _ outcome: Outcome) {
        guard let session = sessions.withLock({ $0.removeValue(forKey: number) }) else {
            return countStray(number, .lostTwice)
        }
        session.lost(outcome)
    }

    private func countStray(_ number: ContextNumber, _ kind: Misbehaviour) {
        let known = CallbackDirectory.ledger(of: number)?.gave(number) == true
        misbehaviour.count(known ? kind : .foreignContext, number.serial)
    }
}

/// The host's end of one session: hands over messages in order and one at a time, then at most once that it is lost.
final class OpenSession: Sendable {
    private struct State: Sendable {
        var delivering = false
        var closed = false
        var paused = false
        var backlog: [[UInt8]] = []
        var loss: Outcome?

        var flow: Flow { closed ? .stop : paused ? .pause : .go }
    }

    private let observer: any BackendSessionObserver
    private let canPause: Bool
    private let state = Mutex(State())

    init(observer: any BackendSessionObserver, canPause: Bool) {
        self.observer = observer
        self.canPause = canPause
    }

    /// Nothing is handed over any more.
    func close() {
        state.withLock { state in
            state.closed = true
            state.backlog = []
        }
    }

    /// Answers whether the plugin must be told.
    func resume() -> Bool {
        state.withLock { state in
            defer { state.paused = false }
            return state.paused
        }
    }

    /// - Returns: What to answer the plugin, and whether it hands over from two threads at a time.
    func message(_ message: [UInt8]) -> (flow: Flow, concurrent: Bool) {
        let begins = state.withLock { state -> Bool? in
            if state.closed || state.delivering {
                if !state.closed { state.backlog.append(message) }
                return nil
            }
            state.delivering = true
            return true
        }
        guard begins != nil else { return state.withLock { ($0.flow, !$0.closed) } }
        return (deliver(message), false)
    }

    private func deliver(_ first: [UInt8]) -> Flow {
        var message = first
        while true {
            let answer = observer.received(message)
            let (next, loss, flow) = state.withLock { state -> ([UInt8]?, Outcome?, Flow) in
                switch answer {
                case .go: break
                case .pause: state.paused = canPause
                case .stop: state.closed = true
                }
                if !state.closed, !state.backlog.isEmpty { return (state.backlog.removeFirst(), nil, .go) }
                state.backlog = []
                state.delivering = false
                return (nil, state.loss.take(), state.flow)
            }
            if let loss { observer.lost(loss) }
            guard let next else { return flow }
            message = next
        }
    }

    func lost(_ outcome: Outcome) {
        let tell = state.withLock { state -> Bool in
            if state.closed { return false }
            if state.delivering {
                state.loss = outcome
                return false
            }
            state.closed = true
            return true
        }
        if tell { observer.lost(outcome) }
    }
}
