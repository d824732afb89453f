import Gateway
import HostOptimizer
import Synchronization

/// An embedding provider in memory: a text's vector counts some words, so that like texts are near.
final class ScriptedSource: EmbeddingSource {
    struct State {
        var model: String? = "tiny/1"
        var dimensions = 8
        var startFailure: Outcome?
        var documentFailure: Outcome?
        var queryFailure: Outcome?
        /// A text that is refused.
        var poison: String?
        /// Vectors that are too few, or not finite.
        var defect: Defect?
        var documents: [String] = []
        var queries: [String] = []
        var batches: [Int] = []
        var starts = 0
    }
    enum Defect { case fewer, notFinite, otherDimensions, unsteady }

    let name = "scripted"
    let fingerprint = "f"
    let maximumBatch: Int
    private let state = Mutex(State())

    init(maximumBatch: Int = 16) { self.maximumBatch = maximumBatch }

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    var documents: [String] { state.withLock { $0.documents } }
    var queries: [String] { state.withLock { $0.queries } }
    var batches: [Int] { state.withLock { $0.batches } }
    var model: String? { state.withLock { $0.model } }

    func start() async throws(Outcome) {
        let failure = state.withLock { state in
            state.starts += 1
            return state.startFailure
        }
        if let failure { throw failure }
    }

    func embed(_ texts: [String], isQuery: Bool, limit: UInt64?) async throws(Outcome) -> EmbeddedTexts {
        let (failure, dimensions, model, defect) = state.withLock { state in
            if isQuery { state.queries += texts } else { state.documents += texts }
            if !isQuery { state.batches.append(texts.count) }
            var failure = isQuery ? state.queryFailure : state.documentFailure
            if let poison = state.poison, texts.contains(where: { $0.contains(poison) }) {
                failure = Outcome(.invalid, message: "a text is too long")
            }
            let isLonger =
                state.defect == .otherDimensions || state.defect == .unsteady && state.batches.count % 2 == 0
            return (failure, state.dimensions + (isLonger ? 1 : 0), state.model ?? "", state.defect)
        }
        if let failure { throw failure }
        var values: [Float] = []
        for text in texts { values += Self.vector(text, dimensions) }
        if defect == .fewer { values.removeLast(dimensions) }
        if defect == .notFinite { values[0] = .nan }
        return EmbeddedTexts(dimensions: dimensions, values: values, model: model)
    }

    /// Meanings that words share.
    private static let meanings = [
        ["weather", "forecast", "rain", "umbrella"], ["issue", "bug", "ticket"], ["mail", "letter", "inbox"],
        ["file", "document"], ["flight", "plane"], ["music", "song"], ["money", "pay"],
    ]

    static func vector(_ text: String, _ dimensions: Int) -> [Float] {
        var vector = [Float](repeating: 0, count: dimensions)
        vector[dimensions - 1] = 0.1
        for word in text.lowercased().split(whereSeparator: { !$0.isLetter }) {
            for (index, words) in meanings.enumerated() where words.contains(String(word)) { vector[index] += 1 }
        }
        return vector
    }

    func stop() async {}
}
