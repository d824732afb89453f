import Gateway
import HostOptimizer
import Synchronization

/// An embedding provider that remembers how long it took, and the vectors of queries, so that every ranking gets the same
/// and each is made once.
final class TimedSource: EmbeddingSource {
    private struct State {
        var spent: Duration = .zero
        var texts = 0
        var kept: [String: [Float]] = [:]
        var dimensions = 0
        var times: [Duration] = []
    }

    private let source: any EmbeddingSource
    private let state = Mutex(State())

    init(_ source: any EmbeddingSource) { self.source = source }

    var name: String { source.name }
    var fingerprint: String { source.fingerprint }
    var model: String? { source.model }
    var maximumBatch: Int { source.maximumBatch }
    func start() async throws(Outcome) { try await source.start() }
    /// It serves several indexes; the program ends it.
    func stop() async {}
    func end() async { await source.stop() }

    /// The time in queries since the last call.
    func takeSpent() -> Duration {
        state.withLock { state in
            defer { state.spent = .zero }
            return state.spent
        }
    }

    /// What each query text took that was embedded by itself.
    var times: [Duration] { state.withLock { $0.times } }

    func embed(_ texts: [String], isQuery: Bool, limit: UInt64?) async throws(Outcome) -> EmbeddedTexts {
        guard isQuery else { return try await source.embed(texts, isQuery: false, limit: limit) }
        let clock = ContinuousClock()
        let start = clock.now
        let missing = state.withLock { state in texts.filter { state.kept[$0] == nil } }
        if !missing.isEmpty {
            let began = clock.now
            let made = try await source.embed(missing, isQuery: true, limit: 60_000)
            let took = clock.now - began
            state.withLock { state in
                state.dimensions = made.dimensions
                if missing.count == 1 { state.times.append(took) }
                for (index, text) in missing.enumerated() {
                    state.kept[text] = Array(made.values[(index * made.dimensions)..<((index + 1) * made.dimensions)])
                }
            }
        }
        return state.withLock { state in
            state.spent += clock.now - start
            return EmbeddedTexts(
                dimensions: state.dimensions, values: texts.flatMap { state.kept[$0] ?? [] }, model: source.model ?? "")
        }
    }
}
