import Gateway
import Synchronization

/// What a call needs of the instance it was made on.
protocol CallOwner: AnyObject, Sendable {
    /// Whether the plugin has `resume`, without which PAUSE is never answered.
    var canPause: Bool { get }
    /// Whether the plugin's functions may block.
    var isBlocking: Bool { get }
    /// The plugin is done with one call.
    func callResolved()
    /// Calls the plugin's `cancel`. The call is pending, so the instance is alive.
    func advise(cancel number: ContextNumber, reason: CancelReason)
    /// Calls the plugin's `resume`.
    func advise(resume number: ContextNumber)
    /// Keeps the instance alive while a function of the plugin runs; balanced by ``callResolved()``.
    func hold()
}

/// One call that the plugin has not resolved yet.
final class PendingCall: Sendable {
    let number: ContextNumber
    let owner: any CallOwner
    let observer: any BackendCallObserver
    private let progress: Mutex<CallProgress>

    init(
        _ number: ContextNumber, owner: any CallOwner, observer: any BackendCallObserver, context: CallContext,
        now: UInt64
    ) {
        self.number = number
        self.owner = owner
        self.observer = observer
        progress = Mutex(CallProgress(deadline: context.deadline, idle: context.idle, now: now))
    }

    /// Whether the host waits no longer, though the plugin has not resolved.
    var isWrittenOff: Bool { progress.withLock { $0.ended } }

    func due(now: UInt64) -> UInt64? { progress.withLock { $0.due(now: now) } }

    /// To be asked right before the plugin is called.
    /// - Returns: False when the call ended while it waited: the plugin must not see it.
    func begin() -> Bool { progress.withLock { $0.begin() } }

    /// Ends a call that the plugin was not called for yet.
    /// - Returns: False when it was, or when the call has ended.
    func forestall(_ outcome: Outcome) -> Bool {
        let end = progress.withLock { progress -> CallProgress.End? in
            guard !progress.begun else { return nil }
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            guard progress.finish(outcome, last: nothing, by: .host, limit: 0) == .deliver else { return nil }
            return progress.takeEnd()
        }
        guard let end else { return false }
        observer.ended(end.outcome, last: end.last)
        return true
    }

    /// - Returns: What to answer the plugin, and whether it emits from two threads at a time.
    func emit(_ piece: CallProgress.Piece, now: UInt64) -> (flow: Flow, concurrent: Bool) {
        switch progress.withLock({ $0.emit(piece, now: now) }) {
        case .dropped: return (.stop, false)
        case .left(let flow): return (flow, true)
        case .deliver: return (deliver(piece), false)
        }
    }

    /// - Returns: What to answer the plugin; `nil` when the limit is exceeded.
    func emit(chunk: UnsafeRawBufferPointer, limit: Int, now: UInt64) -> Flow? {
        progress.withLock { $0.emit(chunk: chunk, limit: limit, now: now) }
    }

    private func deliver(_ first: CallProgress.Piece) -> Flow {
        var piece = first
        while true {
            let answer: Flow
            switch piece {
            case .message(let message): answer = observer.received(message)
            case .progress(let text):
                observer.progressed(text)
                answer = .go
            }
            switch progress.withLock({ $0.next(after: answer, canPause: owner.canPause) }) {
            case .deliver(let next): piece = next
            case .idle(let flow): return flow
            case .end(let end, let resolved):
                observer.ended(end.outcome, last: end.last)
                if resolved { owner.callResolved() }
                return .stop
            }
        }
    }

    /// The plugin resolved the call; only its first resolve comes here.
    /// - Returns: Whether the host had ended the call before.
    func resolve(_ outcome: Outcome, last: UnsafeRawBufferPointer, limit: Int) -> Bool {
        switch finish(outcome, last: last, by: .plugin, limit: limit) {
        case .left: return false
        case .deliver:
            owner.callResolved()
            return false
        case .late:
            owner.callResolved()
            return true
        }
    }

    /// The host waits no longer.
    /// - Returns: False when the call had ended before.
    func writeOff(_ outcome: Outcome) -> Bool {
        finish(outcome, last: UnsafeRawBufferPointer(start: nil, count: 0), by: .host, limit: 0) != .late
    }

    private func finish(
        _ outcome: Outcome, last: UnsafeRawBufferPointer, by ender: CallProgress.Ender, limit: Int
    ) -> CallProgress.EndAction {
        let (action, end) = progress.withLock { progress in
            let action = progress.finish(outcome, last: last, by: ender, limit: limit)
            return (action, action == .deliver ? progress.takeEnd() : nil)
        }
        if let end { observer.ended(end.outcome, last: end.last) }
        return action
    }

    /// - Returns: Whether the plugin's `cancel` is to be called now, and not after its function has returned.
    func cancel(_ reason: CancelReason) -> Bool {
        progress.withLock { $0.cancel(reason, isBlocking: owner.isBlocking) }
    }

    /// - Returns: The reason of a cancel that came while the plugin's function ran.
    func functionReturned() -> CancelReason? { progress.withLock { $0.functionReturned() } }

    func check(now: UInt64) -> CallProgress.DueAction { progress.withLock { $0.check(now: now) } }

    func resume(now: UInt64) -> Bool { progress.withLock { $0.resume(now: now) } }
}
