import Gateway
import Synchronization

/// A client's stream that remembers what it got.
final class RecordingStream: ClientStream {
    private struct State {
        var sent: [String] = []
        var response: String?
        var isClosed = false
        var isAway = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var watchers: [(@Sendable ([String]) -> Bool, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var sent: [String] { state.withLock { $0.sent } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Whether the client has left and may come back.
    var isAway: Bool {
        get { state.withLock { $0.isAway } }
        set { state.withLock { $0.isAway = newValue } }
    }

    func send(_ message: [UInt8]) -> Flow {
        let ready = state.withLock { state in
            state.sent.append(String(decoding: message, as: UTF8.self))
            let ready = state.watchers.filter { $0.0(state.sent) }.map(\.1)
            state.watchers.removeAll { $0.0(state.sent) }
            return ready
        }
        for waiter in ready { waiter.resume() }
        return isAway ? .pause : .go
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
        await until { $0.count >= count }
        return sent
    }

    /// Waits until what came fits.
    func until(_ condition: @escaping @Sendable ([String]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if condition(state.sent) { return true }
                state.watchers.append((condition, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
