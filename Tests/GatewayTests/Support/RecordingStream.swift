import Gateway
import Synchronization

/// A client's stream that remembers what it got.
final class RecordingStream: ClientStream {
    private struct State {
        var sent: [String] = []
        var response: String?
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var sentWaiters: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var sent: [String] { state.withLock { $0.sent } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func send(_ message: [UInt8]) -> Flow {
        let ready = state.withLock { state in
            state.sent.append(String(decoding: message, as: UTF8.self))
            let ready = state.sentWaiters.filter { $0.0 <= state.sent.count }.map(\.1)
            state.sentWaiters.removeAll { $0.0 <= state.sent.count }
            return ready
        }
        for waiter in ready { waiter.resume() }
        return .go
    }

    func finish(_ response: [UInt8]) { end(String(decoding: response, as: UTF8.self)) }
    func close() { end(nil) }
    func cancelled() { end(nil) }

    private func end(_ response: String?) {
        let waiters = state.withLock { state in
            state.response = response
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The answer, once it is there; `nil` when the stream was closed without one.
    func response() async -> String? {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isClosed { state.waiters.append(continuation) }
                return state.isClosed
            }
            if isOver { continuation.resume() }
        }
        return state.withLock { $0.response }
    }

    /// Waits until so many messages came before the answer.
    func messages(_ count: Int) async -> [String] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sent.count < count { state.sentWaiters.append((count, continuation)) }
                return state.sent.count >= count
            }
            if isThere { continuation.resume() }
        }
        return sent
    }
}
