import Gateway

/// How far one call is: a value without I/O. ``PendingCall`` does what its methods answer.
///
/// Data and the end may come from several threads. Whoever finds nobody delivering delivers, and afterwards hands over
/// what others left meanwhile; so the observer gets everything in order and one at a time, and no lock is held while it
/// runs.
struct CallProgress: Sendable {
    /// A piece for the observer.
    enum Piece: Sendable, Equatable {
        case message([UInt8])
        case progress(String)
    }

    /// How the call ended.
    struct End: Sendable, Equatable {
        var outcome: Outcome
        var last: [UInt8]
    }

    /// Who ends the call.
    enum Ender: Sendable { case plugin, host }

    enum EmitAction: Equatable {
        /// Deliver, then ask ``next(after:canPause:)``.
        case deliver
        /// Left for the thread that delivers now: the plugin emits from two threads at a time.
        case left(Flow)
        /// Nobody listens any more.
        case dropped
    }

    enum NextAction: Equatable {
        case deliver(Piece)
        /// Tell the observer the end. `resolved`: the plugin is done with the call too.
        case end(End, resolved: Bool)
        case idle(Flow)
    }

    enum EndAction: Equatable {
        /// Tell the observer now.
        case deliver
        /// The thread that delivers now tells the observer.
        case left
        /// The call had ended before.
        case late
    }

    enum DueAction: Equatable {
        case expired
        /// Ask again then; milliseconds of the monotonic clock.
        case later(UInt64)
        /// Nothing to watch any more.
        case over
    }

    /// Milliseconds of the monotonic clock; 0 = none.
    let deadline: UInt64
    /// Longest silence in milliseconds; 0 = none.
    let idle: UInt64
    private(set) var ended = false
    /// Whether the plugin was called. A call that waits for a thread of the pool was not.
    private(set) var begun = false
    private(set) var paused = false
    /// Whether the plugin's function has returned, so that the plugin surely knows the call.
    private var returned = false
    private var cancelled: CancelReason?
    /// Whether the plugin's resolve was what ended the call.
    private var resolved = false
    private var delivering = false
    private var stopped = false
    private var activity: UInt64
    private var backlog: [Piece] = []
    private var end: End?
    private var chunks: [UInt8] = []

    init(deadline: UInt64, idle: UInt64, now: UInt64) {
        self.deadline = deadline
        self.idle = idle
        activity = now
    }

    private var flow: Flow { ended || stopped ? .stop : paused ? .pause : .go }

    /// The plugin is about to be called.
    /// - Returns: False when the call has ended: the plugin must not see it.
    mutating func begin() -> Bool {
        if ended { return false }
        begun = true
        return true
    }

    /// The host wants the plugin's `cancel` called.
    /// - Parameter isBlocking: The plugin's function returns only when the work is done: there is no waiting for it.
    /// - Returns: False when that must wait until the plugin's function has returned. A plugin ignores numbers that it
    ///   does not know, so a cancel that overtakes the call would be lost.
    mutating func cancel(_ reason: CancelReason, isBlocking: Bool) -> Bool {
        if returned || isBlocking { return true }
        cancelled = cancelled ?? reason
        return false
    }

    /// The plugin's function has returned.
    /// - Returns: The reason of a cancel that came meanwhile.
    mutating func functionReturned() -> CancelReason? {
        returned = true
        return cancelled.take()
    }

    /// The plugin emits a piece.
    mutating func emit(_ piece: Piece, now: UInt64) -> EmitAction {
        if ended || stopped { return .dropped }
        activity = now
        if delivering {
            backlog.append(piece)
            return .left(flow)
        }
        delivering = true
        return .deliver
    }

    /// The plugin emits a part of the last message.
    /// - Returns: What to answer; `nil` when the parts exceed `limit` bytes.
    mutating func emit(chunk: UnsafeRawBufferPointer, limit: Int, now: UInt64) -> Flow? {
        if ended || stopped { return .stop }
        activity = now
        guard chunks.count + chunk.count <= limit else { return nil }
        chunks.append(contentsOf: chunk)
        return flow
    }

    /// The observer has taken a piece and answered.
    mutating func next(after answer: Flow, canPause: Bool) -> NextAction {
        switch answer {
        case .go: break
        case .pause: paused = canPause
        case .stop:
            stopped = true
            backlog = []
            chunks = []
        }
        if !backlog.isEmpty { return .deliver(backlog.removeFirst()) }
        delivering = false
        if let end = end.take() { return .end(end, resolved: resolved) }
        return .idle(flow)
    }

    /// The call ends. What the plugin left in chunks comes before `last`.
    /// - Parameter limit: Longest whole last message in bytes; a longer one turns the end into `exhausted`.
    mutating func finish(_ outcome: Outcome, last: UnsafeRawBufferPointer, by ender: Ender, limit: Int) -> EndAction {
        if ended { return .late }
        ended = true
        resolved = ender == .plugin
        paused = false
        if ender == .plugin, !stopped, chunks.count + last.count <= limit {
            chunks.append(contentsOf: last)
            end = End(outcome: outcome, last: chunks)
        } else if ender == .plugin, !stopped {
            end = End(outcome: Self.tooLarge(limit), last: [])
        } else {
            end = End(outcome: outcome, last: [])
        }
        chunks = []
        return delivering ? .left : .deliver
    }

    /// The end that ``finish(_:last:by:limit:)`` said to deliver.
    mutating func takeEnd() -> End? { end.take() }

    /// The receiver wants more. Answers whether the plugin must be told.
    mutating func resume(now: UInt64) -> Bool {
        guard paused else { return false }
        paused = false
        activity = now
        return true
    }

    /// When the call ends by itself unless something happens; `nil` = never.
    func due(now: UInt64) -> UInt64? {
        // Silence that the host asked for by PAUSE is not the plugin's.
        let silent = idle == 0 ? nil : (paused || delivering ? now : activity).addingSaturating(idle)
        switch (deadline, silent) {
        case (0, let silent): return silent
        case (let deadline, nil): return deadline
        case (let deadline, .some(let silent)): return min(deadline, silent)
        }
    }

    /// Asked when a watched moment has come.
    func check(now: UInt64) -> DueAction {
        guard !ended, let due = due(now: now) else { return .over }
        return now >= due ? .expired : .later(due)
    }

    static func tooLarge(_ limit: Int) -> Outcome {
        Outcome(.exhausted, message: "the plugin's answer is over the limit of \(limit) bytes")
    }
}

extension UInt64 {
    /// The sum, or the greatest number there is.
    func addingSaturating(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
