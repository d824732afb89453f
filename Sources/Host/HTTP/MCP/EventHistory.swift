/// The events of one stream that can be resumed: gives them their ids, and keeps them within the bounds.
struct EventHistory: Sendable {
    /// What a stream that holds events counts for besides them: about what it takes itself, so that a great many streams
    /// with small events are bounded too.
    static let overhead = 1_024

    /// What all streams have in common.
    final class Rules: Sendable {
        let limits: EventBuffer.Limits
        let budget: BufferBudget

        init(limits: EventBuffer.Limits, budget: BufferBudget) {
            self.limits = limits
            self.budget = budget
        }
    }

    private let stream: UInt64
    private let request: [UInt8]?
    private let session: String
    private let rules: Rules
    private var buffer = EventBuffer()

    /// - Parameters:
    ///   - request: The raw id of the request that the stream answers; `nil` for the stream of a GET.
    ///   - session: Whose bound its bytes count for.
    init(stream: UInt64, request: [UInt8]?, session: String, rules: Rules) {
        self.stream = stream
        self.request = request
        self.session = session
        self.rules = rules
    }

    /// Whether nothing is held.
    var isEmpty: Bool { buffer.count == 0 }

    /// The event that a stream begins with.
    var priming: [UInt8] { ServerSentEvents.priming(id: id(0)) }

    /// Makes an event of a message.
    /// - Returns: The event, and whether it is held.
    mutating func event(_ message: [UInt8]) -> (bytes: [UInt8], isHeld: Bool) {
        let event = ServerSentEvents.message(message, id: id(buffer.next))
        let before = weight
        var isHeld = buffer.append(event, limits: rules.limits)
        // A session, or all, hold what they may: this stream makes room from its own.
        while !rules.budget.change(from: before, to: weight, session: session) { buffer.dropOldest() }
        isHeld = isHeld && buffer.count > 0
        return (event, isHeld)
    }

    /// What of the events after an index is still held, as one piece.
    func replay(after index: Int) -> [UInt8] { Array(buffer.events(after: index).joined()) }

    mutating func clear() {
        _ = rules.budget.change(from: weight, to: 0, session: session)
        buffer.clear()
    }

    /// What it counts for in the budget.
    private var weight: Int { isEmpty ? 0 : buffer.bytes + Self.overhead }

    private func id(_ index: Int) -> String { EventID(stream: stream, index: index, request: request).text }
}
