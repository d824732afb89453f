import Gateway
import Synchronization

/// A call whose end is awaited: start, quiesce, check.
final class AwaitedCall: BackendCallObserver {
    private struct State: Sendable {
        var end: Outcome?
        var continuation: CheckedContinuation<Outcome, Never>?
    }

    private let state = Mutex(State())
    private let onProgress: @Sendable (String) -> Void

    init(onProgress: @escaping @Sendable (String) -> Void = { _ in }) { self.onProgress = onProgress }

    func received(_ message: [UInt8]) -> Flow { .go }

    func progressed(_ text: String) { onProgress(text) }

    func ended(_ outcome: Outcome, last: [UInt8]) {
        let waiting = state.withLock { state in
            state.end = outcome
            return state.continuation.take()
        }
        waiting?.resume(returning: outcome)
    }

    /// The end, once it has come. To be awaited by one task.
    func outcome() async -> Outcome {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state -> Outcome? in
                if state.end == nil { state.continuation = continuation }
                return state.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }
}
