import PluginKit
import Synchronization

/// Writes messages to a server one after the other, as fast as it reads them, and resolves each call when its message is
/// on its way.
final class InputQueue: Sendable {
    /// Most bytes that wait for a server that does not read.
    static let maximumWaiting = 67_108_864

    private struct State: Sendable {
        var write: (@Sendable ([UInt8]) -> Flow)?
        var queue: [(line: [UInt8], call: Call)] = []
        var waiting = 0
        var isBusy = false
        var isPaused = false
        var wasDrained = false
        var end: Outcome?
    }

    private let state = Mutex(State())

    /// Takes the way to the server.
    func open(_ write: @escaping @Sendable ([UInt8]) -> Flow) {
        state.withLock { $0.write = write }
        drain()
    }

    /// Sends a line.
    func send(_ line: [UInt8], call: Call) {
        let refusal = state.withLock { state -> Outcome? in
            if var end = state.end {
                end.notSent = true
                return end
            }
            guard state.waiting + line.count <= Self.maximumWaiting || state.queue.isEmpty else {
                return Outcome(
                    .exhausted, "the server does not read its input: \(state.waiting) bytes wait for it", notSent: true)
            }
            state.queue.append((line, call))
            state.waiting += line.count
            return nil
        }
        if let refusal { call.resolve(refusal) } else { drain() }
    }

    /// The server has read what was written.
    func drained() {
        state.withLock { state in
            state.isPaused = false
            // Thread A writes and is told to wait; thread B says "drained" before A could note it.
            if state.isBusy { state.wasDrained = true }
        }
        drain()
    }

    /// The server is gone: what waits was not sent.
    func close(_ end: Outcome) {
        let waiting = state.withLock { state in
            state.end = end
            state.write = nil
            defer { state.queue = [] }
            return state.queue
        }
        var unsent = end
        unsent.notSent = true
        for (_, call) in waiting { call.resolve(unsent) }
    }

    private func drain() {
        while true {
            let next = state.withLock { state -> (([UInt8], Call), @Sendable ([UInt8]) -> Flow)? in
                guard let write = state.write, !state.isBusy, !state.isPaused, !state.queue.isEmpty else { return nil }
                state.isBusy = true
                let item = state.queue.removeFirst()
                state.waiting -= item.line.count
                return (item, write)
            }
            guard let ((line, call), write) = next else { return }
            let flow = write(line)
            state.withLock { state in
                state.isBusy = false
                state.isPaused = flow == .pause && !state.wasDrained
                state.wasDrained = false
            }
            if flow == .stop {
                call.resolve(
                    Outcome(.unavailable, "the server has closed its input", notSent: true, sessionLost: true))
            } else {
                call.resolve()
            }
        }
    }
}
