/// What can be limited under `operational.limits`; the raw values are the names of the fields.
///
/// The defaults stand where the limits act. What nobody would want to change is a constant there instead.
package enum Limit: String, Sendable, CaseIterable {
    /// Bytes of the body of a request.
    case requestBytes
    /// Levels to which the JSON of a message is nested, of clients and of backends.
    case jsonDepth
    /// Messages of one JSON-RPC batch.
    case batchMessages
    /// Calls of clients under way at all backends together.
    case calls
    /// Calls of clients under way at one backend.
    case callsPerBackend
    /// Bytes of one event of a backend over HTTP, and of one line of a backend over pipes.
    case eventBytes
    /// Items of one list of a backend.
    case listItems
    /// Pages of one list of a backend.
    case listPages
    /// Levels to which the JSON of a tool's schema is nested.
    case schemaDepth
    /// Connections of clients at a time.
    case connections
    /// Bytes of answers over HTTP that have not ended, of all calls at one backend.
    case responseBytesPerBackend
    /// Sessions of clients at a time.
    case sessions
    /// GET streams of one session at a time.
    case streamsPerSession
    /// GET streams of one caller at a time, and, counted apart, its `subscriptions/listen`.
    case streamsPerPrincipal
    /// Resources that one session is subscribed to, or that one `subscriptions/listen` names.
    case subscriptionsPerSession
    /// Resources that all sessions of one caller are subscribed to.
    case subscriptionsPerPrincipal
    /// Calls of clients of 2026-07-28 that wait for what their backend asked, of all callers.
    case parkedCalls
    /// Such calls of one caller.
    case parkedCallsPerPrincipal
    /// Rounds of questions that one call may have.
    case roundsPerCall
    /// Seconds that a client may take for the answers of one round.
    case secondsPerRound
    /// Tasks of 2025-11-25 that are remembered for listing them, of all callers.
    case tasks
    /// Such tasks of one caller, or of one session of an anonymous one.
    case tasksPerPrincipal
    /// Events of one stream that are kept for a client that comes back.
    case bufferedEvents
    /// Bytes of the events that are kept of one stream.
    case bufferedBytesPerStream
    /// Bytes of the events that are kept of all streams of one session.
    case bufferedBytesPerSession
    /// Bytes of all events that are kept.
    case bufferedBytes

    /// The values that are accepted.
    package var range: ClosedRange<Int> {
        switch self {
        case .requestBytes: 1_024...1_073_741_824
        case .jsonDepth, .schemaDepth: 16...512
        case .eventBytes: 1_024...104_857_600
        case .batchMessages: 1...10_000
        case .streamsPerSession, .roundsPerCall: 1...1_000
        case .calls, .callsPerBackend, .listItems, .listPages, .connections, .sessions, .streamsPerPrincipal,
            .subscriptionsPerSession, .parkedCalls,
            .parkedCallsPerPrincipal,
            .tasks, .tasksPerPrincipal:
            1...1_000_000
        case .responseBytesPerBackend: 1_048_576...1_099_511_627_776
        case .subscriptionsPerPrincipal: 1...1_000_000_000
        case .secondsPerRound: 1...86_400
        case .bufferedEvents: 0...1_000_000
        case .bufferedBytesPerStream, .bufferedBytesPerSession: 0...1_073_741_824
        case .bufferedBytes: 0...1_099_511_627_776
        }
    }

    /// `operational.limits`.
    static let shape = Shape.object(
        ObjectShape(allCases.map { .optional($0.rawValue, .integer($0.range)) }))
}
