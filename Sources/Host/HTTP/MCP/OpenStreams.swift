import Gateway
import Synchronization

/// The exchanges that wait for something: found by their number when a client comes back, and beaten at intervals.
///
/// One beat serves all of them: a timer per request would cost more than most requests do.
package final class OpenStreams: Sendable {
    /// Two beats of silence bring a comment.
    static let beatsPerComment = 2
    /// Beats for which a stream can still be asked for after its answer was written to a connection that stood.
    static let beatsAfterAnswer = 4

    private struct State {
        var streams: [UInt64: ExchangeStream] = [:]
    }

    private let state = Mutex(State())
    private let last = Atomic<UInt64>(0)
    /// Beats after which a stream whose client has not come back is given up.
    let beatsPerAbsence: Int
    let rules: EventHistory.Rules

    package init(_ settings: HTTPServerSettings) {
        let beats = settings.resumeTime / (settings.keepAliveInterval / Self.beatsPerComment)
        beatsPerAbsence = max(1, Int(beats.rounded(.up)))
        rules = EventHistory.Rules(
            limits: EventBuffer.Limits(events: settings.bufferedEvents, bytes: settings.bufferedBytesPerStream),
            budget: BufferBudget(perSession: settings.bufferedBytesPerSession, total: settings.bufferedBytes))
    }

    /// Streams that wait.
    package var count: Int { state.withLock { $0.streams.count } }

    /// To be called twice per ``HTTPServerSettings/keepAliveInterval``.
    package func beat() {
        // Outside the lock: streams take their own lock and then this one.
        for stream in state.withLock({ Array($0.streams.values) }) { stream.beat() }
    }

    /// A number that no stream had before.
    func makeNumber() -> UInt64 { last.add(1, ordering: .relaxed).newValue }

    func stream(_ number: UInt64) -> ExchangeStream? { state.withLock { $0.streams[number] } }

    /// Lets go of what is kept for a client whose session has ended: nobody can ask for it any more.
    func forget(session: String) {
        guard rules.budget.held(by: session) > 0 else { return }
        for stream in state.withLock({ $0.streams.values.filter { $0.session == session } }) { stream.forget() }
    }

    /// Ends the GET stream of a caller whose client is away for longest.
    /// - Returns: False when there is none.
    func giveUpAbsent(of listener: Principal) -> Bool {
        let own = state.withLock { $0.streams.values.filter { $0.listener == listener } }
        // A client may come back between the look and the end: then the next one has to go.
        for stream in own.compactMap({ stream in stream.absence.map { (stream: stream, beats: $0) } })
            .sorted(by: { ($1.beats, $0.stream.number) < ($0.beats, $1.stream.number) })
        where stream.stream.giveUpAbsent() {
            return true
        }
        return false
    }

    func add(_ stream: ExchangeStream) {
        state.withLock { $0.streams[stream.number] = stream }
    }

    func remove(_ stream: ExchangeStream) {
        state.withLock { $0.streams[stream.number] = nil }
    }
}
