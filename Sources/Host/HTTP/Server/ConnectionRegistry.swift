import NIOCore
import Synchronization

/// The open connections of a server.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    enum Admission { case taken, full, draining }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: Most connections at a time.
    init(limit: Int) { self.limit = limit }

    var count: Int { state.withLock { $0.channels.count } }

    func add(_ channel: any Channel) -> Admission {
        let id = ObjectIdentifier(channel)
        let admission = state.withLock { state -> Admission in
            guard !state.isDraining else { return .draining }
            guard state.channels.count < limit else { return .full }
            state.channels[id] = channel
            return .taken
        }
        if admission == .taken { channel.closeFuture.whenComplete { _ in self.remove(id) } }
        return admission
    }

    /// Takes no more connections; answers those that are open.
    func drain() -> [any Channel] {
        state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
    }

    /// Those that are still open.
    var open: [any Channel] { state.withLock { Array($0.channels.values) } }

    /// Returns when no connection is open; call after ``drain()``.
    func emptied() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.channels.isEmpty { state.waiters.append(continuation) }
                return state.channels.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }

    private func remove(_ id: ObjectIdentifier) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.channels[id] = nil
            guard state.channels.isEmpty else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
