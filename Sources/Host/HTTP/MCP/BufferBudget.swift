import Synchronization

/// The bytes that the event buffers of all streams hold together, and those of each session.
final class BufferBudget: Sendable {
    private struct State {
        var total = 0
        var sessions: [String: Int] = [:]
    }

    private let perSession: Int
    private let limit: Int
    private let state = Mutex(State())

    init(perSession: Int, total: Int) {
        self.perSession = perSession
        limit = total
    }

    /// Bytes held at this moment.
    var total: Int { state.withLock { $0.total } }

    /// Bytes held for a session.
    func held(by session: String) -> Int { state.withLock { $0.sessions[session, default: 0] } }

    /// Sets the bytes that a buffer holds from `old` to `new`.
    /// - Returns: False when that is more than before and over a bound: then nothing is changed.
    func change(from old: Int, to new: Int, session: String) -> Bool {
        guard old != new else { return true }
        return state.withLock { state in
            let own = state.sessions[session, default: 0] + new - old
            let all = state.total + new - old
            guard new < old || (own <= perSession && all <= limit) else { return false }
            state.total = all
            state.sessions[session] = own == 0 ? nil : own
            return true
        }
    }
}
