import PluginKit
import Synchronization

/// The texts of one call, embedded one by one and answered together.
final class EmbeddingBatch: Sendable {
    let texts: [String]
    private let model: String
    private let dimensions: Int
    private let reply: EmbeddingReply
    private let state: Mutex<State>

    private struct State: Sendable {
        var next = 0
        var left: Int
        var values: [Float]
        var isOver = false
    }

    init(_ texts: [String], model: String, dimensions: Int, reply: EmbeddingReply) {
        self.texts = texts
        self.model = model
        self.dimensions = dimensions
        self.reply = reply
        state = Mutex(State(left: texts.count, values: [Float](repeating: 0, count: texts.count * dimensions)))
    }

    /// The place of the next text to embed, and whether more follow; `nil` when nothing is left to do.
    func take() -> (index: Int, isLast: Bool)? {
        state.withLock { state in
            guard !state.isOver, state.next < texts.count else { return nil }
            state.next += 1
            return (state.next - 1, state.next == texts.count)
        }
    }

    /// Takes the vector of a text; the last one answers the call.
    func finish(_ index: Int, _ vector: [Float]) {
        let values = state.withLock { state -> [Float]? in
            guard !state.isOver else { return nil }
            state.values.replaceSubrange(index * dimensions..<(index + 1) * dimensions, with: vector)
            state.left -= 1
            guard state.left == 0 else { return nil }
            state.isOver = true
            defer { state.values = [] }
            return state.values
        }
        if let values { reply.vectors(values, model: model) }
    }

    /// Ends the call without vectors, unless it has ended; texts that wait are left out.
    func fail(_ outcome: Outcome) {
        let isFirst = state.withLock { state in
            defer {
                state.isOver = true
                state.values = []
            }
            return !state.isOver
        }
        if isFirst { reply.fail(outcome) }
    }
}
