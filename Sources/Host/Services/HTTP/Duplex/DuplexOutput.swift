import Synchronization

/// What is written to an upgraded connection: taken from any thread, whole and in order, without waiting.
///
/// The transfer thread sends it as fast as the connection takes it.
package final class DuplexOutput: Sendable {
    /// Kept beyond this, the writer is asked to pause, until a quarter is left.
    static let highWater = 1_048_576
    /// A writer that does not heed the pause is refused beyond this.
    static let limit = 67_108_864

    private struct State {
        /// The other side answered 101; before, nothing is taken.
        var isOpen = false
        /// No more is taken.
        var isClosing = false
        var pending: [UInt8] = []
        /// How much of `pending` is sent.
        var sent = 0
        var owesDrained = false
        /// The transfer thread was asked to send and has not begun.
        var isScheduled = false
        var waiting: Int { pending.count - sent }
    }

    /// What the transfer thread finds after a step.
    enum Step: Equatable {
        /// All is sent.
        case idle
        /// The connection takes no more now.
        case waiting
        /// All is sent, and no more will come.
        case closed
    }

    private let state = Mutex(State())
    private let schedule: @Sendable () -> Void

    /// - Parameter schedule: Has the transfer thread call ``send(_:)`` soon.
    init(schedule: @escaping @Sendable () -> Void) { self.schedule = schedule }

    /// Takes bytes.
    func write(_ data: UnsafeRawBufferPointer) -> SinkAnswer {
        let (answer, isFirst) = state.withLock { state -> (SinkAnswer, Bool) in
            guard state.isOpen, !state.isClosing, state.waiting == 0 || state.waiting + data.count <= Self.limit
            else { return (.stop, false) }
            if data.isEmpty { return (.go, false) }
            state.pending += data
            defer { state.isScheduled = true }
            guard state.waiting > Self.highWater else { return (.go, !state.isScheduled) }
            state.owesDrained = true
            return (.pause, !state.isScheduled)
        }
        if isFirst { schedule() }
        return answer
    }

    /// Takes no more; what was taken is still sent.
    func close() {
        let isFirst = state.withLock { state in
            guard state.isOpen, !state.isClosing else { return false }
            state.isClosing = true
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { schedule() }
    }

    // MARK: Transfer thread

    func open() { state.withLock { $0.isOpen = true } }

    /// The connection is gone.
    func end() {
        state.withLock { state in
            state.isClosing = true
            state.pending = []
            state.sent = 0
        }
    }

    /// Sends what it can.
    ///
    /// - Parameter push: Sends bytes and answers how many were taken; nil when the connection is broken.
    /// - Returns: What remains, and whether the writer may go on; nil when the connection is broken.
    func send(_ push: (UnsafeRawBufferPointer) -> Int?) -> (step: Step, drained: Bool)? {
        state.withLock { state in
            state.isScheduled = false
            while state.waiting > 0 {
                let count = state.pending.withUnsafeBytes { push(UnsafeRawBufferPointer(rebasing: $0[state.sent...])) }
                guard let count else { return nil }
                if count == 0 { break }
                state.sent += count
            }
            if state.waiting == 0 || state.sent > Self.highWater {
                state.pending.removeFirst(state.sent)
                state.sent = 0
            }
            let isDrained = state.owesDrained && state.waiting <= Self.highWater / 4
            if isDrained { state.owesDrained = false }
            let step: Step = state.waiting > 0 ? .waiting : state.isClosing ? .closed : .idle
            return (step, isDrained && !state.isClosing)
        }
    }
}
