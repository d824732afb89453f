import PluginKit
import Synchronization

/// One embed call: batch after batch until all texts have vectors, and the model asked for before and after.
///
/// Which model a text-embeddings-inference service runs can change between two requests. So it is asked before and after a
/// run; a run that saw two models is made once more.
final class EmbeddingRun: Sendable {
    /// Runs at most, when the model changes.
    private static let attempts = 2
    /// A text that a service refuses as too large is cut in half, down to this many characters.
    private static let shortestText = 64

    private struct State: Sendable {
        var waiting: [[String]] = []
        var rows: [[Float]] = []
        var attempt = 0
        var model: String?
        var isOver = false
        var exchange: HTTPExchange?
    }

    private let texts: [String]
    private let client: EmbeddingClient
    private let reply: EmbeddingReply
    private let service: RemoteEmbeddingPlugin.Service
    /// Whether the model is asked for around the run, or taken as known.
    private let isChecked: Bool
    private let state = Mutex(State())

    init(
        _ texts: [String], isChecked: Bool, client: EmbeddingClient, service: RemoteEmbeddingPlugin.Service,
        reply: EmbeddingReply
    ) {
        self.texts = texts
        self.isChecked = isChecked
        self.client = client
        self.service = service
        self.reply = reply
    }

    /// Begins; the reply is given when the service has answered.
    func start() {
        reply.call.onCancel { [weak self] _ in self?.cancel() }
        begin()
    }

    private func begin() {
        let batch = service.maximumBatch
        state.withLock { state in
            state.attempt += 1
            state.rows = []
            state.waiting = stride(from: 0, to: texts.count, by: batch).map { start in
                Array(texts[start..<min(texts.count, start + batch)])
            }
        }
        if isChecked {
            ask { [self] model in
                state.withLock { $0.model = model }
                next()
            }
        } else {
            state.withLock { $0.model = service.model }
            next()
        }
    }

    private func next() {
        let batch = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
        guard let batch else { return isChecked ? confirm() : answer() }
        perform { [self] in
            client.vectors(of: batch) { [self] result in
                switch result {
                case .success(let rows):
                    state.withLock { $0.rows.append(contentsOf: rows) }
                    next()
                case .failure(let failure) where failure.outcome.httpStatus == 413: divide(batch, failure.outcome)
                case .failure(let failure): fail(failure.outcome)
                }
            }
        }
    }

    /// The service's limit is not known: half as many texts are tried, and at last half of a text.
    private func divide(_ batch: [String], _ outcome: Outcome) {
        guard batch.count == 1 else {
            let middle = batch.count / 2
            service.limit(middle)
            state.withLock { $0.waiting.insert(contentsOf: [Array(batch[..<middle]), Array(batch[middle...])], at: 0) }
            return next()
        }
        let length = batch[0].unicodeScalars.count
        guard length > Self.shortestText else { return fail(outcome) }
        let half = String(String.UnicodeScalarView(batch[0].unicodeScalars.prefix(length / 2)))
        state.withLock { $0.waiting.insert([half], at: 0) }
        next()
    }

    private func confirm() {
        ask { [self] model in
            let (before, attempt) = state.withLock { ($0.model, $0.attempt) }
            if model == before { return answer() }
            guard attempt < Self.attempts else {
                return fail(
                    Outcome(
                        .unavailable,
                        "the embedding service changed its model from \(before ?? "none") to \(model ?? "none") again"))
            }
            begin()
        }
    }

    private func answer() {
        let (rows, model) = state.withLock { state in
            defer { (state.rows, state.isOver) = ([], true) }
            return (state.rows, state.model)
        }
        guard let model, let dimensions = rows.first?.count, rows.count == texts.count else {
            return fail(Self.unknown)
        }
        if let odd = rows.first(where: { $0.count != dimensions }) {
            return fail(Self.differing(dimensions, odd.count))
        }
        if let expected = service.settle(dimensions, for: model) { return fail(Self.differing(expected, dimensions)) }
        reply.vectors(rows.flatMap(\.self), model: model)
    }

    private static let unknown = Outcome(.unavailable, "the model of the embedding service is not known")

    private static func differing(_ expected: Int, _ found: Int) -> Outcome {
        Outcome(
            .protocolError,
            "the embedding service's answer: expected vectors of \(expected) numbers, found one of \(found)")
    }

    private func ask(_ use: @escaping @Sendable (String?) -> Void) {
        perform { [self] in
            client.info { [self] result in
                switch result {
                case .success(let info): use(service.learn(info))
                case .failure(let failure): fail(failure.outcome)
                }
            }
        }
    }

    /// Starts an exchange that a cancellation ends; none any more once the call is over.
    private func perform(_ start: () -> HTTPExchange) {
        guard !state.withLock({ $0.isOver }) else { return }
        let exchange = start()
        let isOver = state.withLock { state in
            state.exchange = exchange
            return state.isOver
        }
        if isOver { exchange.cancel() }
    }

    private func fail(_ outcome: Outcome) {
        state.withLock { ($0.isOver, $0.rows, $0.waiting) = (true, [], []) }
        reply.fail(outcome)
    }

    private func cancel() {
        let exchange = state.withLock { state in
            state.isOver = true
            return state.exchange
        }
        exchange?.cancel()
        reply.fail(Outcome(.cancelled, "nobody waits for the vectors"))
    }
}
