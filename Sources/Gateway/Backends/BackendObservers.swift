import Synchronization

/// What a session's requests hand to it.
final class RequestObserver: BackendCallObserver {
    private let session: BackendSession
    private let id: UInt64

    init(_ session: BackendSession, id: UInt64) {
        self.session = session
        self.id = id
    }

    func received(_ message: [UInt8]) -> Flow {
        session.ingest(message, request: id)
        return .go
    }
    func progressed(_ text: String) {}
    func ended(_ outcome: Outcome, last: [UInt8]) { session.ended(id, outcome, last: last) }
}

/// What a session's own channel hands to it.
final class SessionObserver: BackendSessionObserver {
    private let session: BackendSession

    init(_ session: BackendSession) { self.session = session }

    func received(_ message: [UInt8]) -> Flow {
        session.ingest(message, request: nil, isOnSession: true)
        return .go
    }
    func lost(_ outcome: Outcome) { session.lost(outcome) }
}

/// Waits for the end of a call, and perhaps hears how it goes on.
final class CompletionObserver: BackendCallObserver {
    private let progress: @Sendable (String) -> Void
    private let done: @Sendable (Outcome) -> Void

    init(
        _ done: @escaping @Sendable (Outcome) -> Void = { _ in },
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.progress = progress
        self.done = done
    }

    func received(_ message: [UInt8]) -> Flow { .go }
    func progressed(_ text: String) { progress(text) }
    func ended(_ outcome: Outcome, last: [UInt8]) { done(outcome) }
}

/// Resumes whoever awaits the answer.
final class ContinuationReply: BackendReply {
    private let continuation: CheckedContinuation<Result<JSONRPCMessage, Outcome>, Never>

    init(_ continuation: CheckedContinuation<Result<JSONRPCMessage, Outcome>, Never>) {
        self.continuation = continuation
    }

    func notified(_ notification: [UInt8], level: LogLevel?) {}
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { false }
    func answered(_ response: JSONRPCMessage) { continuation.resume(returning: .success(response)) }
    func failed(_ outcome: Outcome) { continuation.resume(returning: .failure(outcome)) }
}

/// For requests of the gateway's own whose answer changes nothing.
final class IgnoredReply: BackendReply {
    func notified(_ notification: [UInt8], level: LogLevel?) {}
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { false }
    func answered(_ response: JSONRPCMessage) {}
    func failed(_ outcome: Outcome) {}
}

/// For several requests of the gateway's own, of which it matters when the last has ended, and not how.
final class OpenAnswers: BackendReply {
    private let open: Atomic<Int>
    private let over: @Sendable () -> Void

    /// - Parameters:
    ///   - count: Of the requests, one at least.
    ///   - over: Called once, when each has ended.
    init(_ count: Int, over: @escaping @Sendable () -> Void) {
        open = Atomic(count)
        self.over = over
    }

    func notified(_ notification: [UInt8], level: LogLevel?) {}
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { false }
    func answered(_ response: JSONRPCMessage) { ended() }
    func failed(_ outcome: Outcome) { ended() }

    private func ended() { if open.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { over() } }
}
