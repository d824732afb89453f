import Gateway
import Logging
import Synchronization

/// The vectors of the tools: taken from the store, or made in the background, one batch at a time.
///
/// Nobody waits for it: what has no vector is found by keywords. After a failure it tries again, with growing pauses.
final class ToolVectors: Sendable {
    private struct State {
        /// By position, what is embedded.
        var texts: [String] = []
        var table: VectorTable?
        /// The model whose vectors are in the table.
        var model: String?
        /// Floats a vector of that model, when the provider was seen to have changed it; `nil` otherwise.
        var dimensions: Int?
        /// Texts that the provider refused by themselves; they are not tried again with this model.
        var refused: Set<String> = []
        var phase = SearchStatus.Embedding.Phase.starting
        var message: String?
        /// Until when searches go by keywords without asking the provider, after it failed one; and why.
        var rest: (until: UInt64, message: String)?
        var queryPause = BackoffDelay(first: 1_000, ceiling: 30_000)
        var worker: Task<Void, Never>?
        var isOver = false
        /// Counts catalogues.
        var generation = 0
        var waiting: [CheckedContinuation<Void, Never>] = []

        /// Whether nothing is under way.
        var isSettled: Bool { isOver || phase == .ready || phase == .failing }
    }

    /// Longest wait of a search for the vector of its request, in milliseconds; then it goes by keywords.
    static let queryLimit: UInt64 = 2_000
    /// Most texts in one batch, whatever the provider takes: searches come between batches.
    private static let batchLimit = 32

    private let source: any EmbeddingSource
    private let store: VectorStore
    private let ranking: OptimizerSettings.Ranking
    private let clock: GatewayClock
    private let log: Logger
    private let state = Mutex(State())
    private let (wakes, waker) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    init(
        _ source: any EmbeddingSource, store: VectorStore, ranking: OptimizerSettings.Ranking, clock: GatewayClock,
        log: Logger
    ) {
        self.source = source
        self.store = store
        self.ranking = ranking
        self.clock = clock
        self.log = log
        let worker = Task { await self.run() }
        state.withLock { $0.worker = worker }
    }

    var status: SearchStatus.Embedding {
        state.withLock { state in
            SearchStatus.Embedding(
                provider: source.name, model: state.model, phase: state.rest == nil ? state.phase : .failing,
                embedded: state.table?.known ?? 0, message: state.message ?? state.rest?.message)
        }
    }

    /// Returns when nothing is left to do, or an attempt has failed.
    func settled() async {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if state.isSettled { return true }
                state.waiting.append(continuation)
                return false
            }
            if isSettled { continuation.resume() }
        }
    }

    func stop() async {
        let (worker, waiting) = state.withLock { state in
            defer { (state.isOver, state.waiting) = (true, []) }
            return (state.worker, state.waiting)
        }
        for continuation in waiting { continuation.resume() }
        worker?.cancel()
        waker.finish()
        await worker?.value
        await source.stop()
    }

    // MARK: - The catalogue

    /// Takes the tools of another catalogue.
    /// - Parameter origins: By position, where the same tool was before.
    func take(_ tools: [Catalog.Tool], origins: [Int?]) {
        let ranking = ranking
        state.withLock { state in
            state.texts = tools.enumerated().map { position, tool in
                origins[position].map { state.texts[$0] } ?? ToolDocument(tool).embeddingText(ranking)
            }
            if let old = state.table {
                var table = VectorTable(dimensions: old.dimensions, count: tools.count)
                for (position, origin) in origins.enumerated() {
                    if let origin { table.copy(origin, of: old, to: position) }
                }
                state.table = table
            }
            if state.phase == .ready { state.phase = .embedding }
            state.generation += 1
        }
        waker.yield()
    }

    // MARK: - Searches

    /// What a search compares with: unit vectors of one model.
    struct Queries: Sendable {
        fileprivate let vectors: [[Float]]
        fileprivate let model: String
    }

    /// The vectors of the texts of a search; `nil` when it has to do without: the provider fails, is slow, or has made no
    /// vectors of tools yet.
    func embed(_ texts: [String]) async -> Queries? {
        let now = clock.now()
        let model = state.withLock { state in
            state.rest.map { $0.until <= now } ?? true && state.table.map { $0.known > 0 } == true ? state.model : nil
        }
        guard let model else { return nil }
        do throws(Outcome) {
            var vectors: [[Float]] = []
            let size = max(1, source.maximumBatch)
            var rest = texts[...]
            while !rest.isEmpty {
                let batch = Array(rest.prefix(size))
                rest = rest.dropFirst(size)
                let made = try await source.embed(batch, isQuery: true, limit: Self.queryLimit)
                guard made.model == model else {
                    // The tools will be embedded anew.
                    waker.yield()
                    return nil
                }
                if let news = changed(made) {
                    waker.yield()
                    throw news
                }
                vectors += try made.vectors(batch.count).map { VectorTable.unit($0) }
            }
            let rested = state.withLock { state in
                defer { state.rest = nil }
                state.queryPause.reset()
                return state.rest != nil
            }
            if rested { log.notice("Searches go by meaning again", metadata: ["provider": "\(source.name)"]) }
            return Queries(vectors: vectors, model: model)
        } catch {
            if error.status != .cancelled { rest(after: error) }
            return nil
        }
    }

    /// Searches go by keywords for a while: nobody waits for a provider that just failed.
    private func rest(after error: Outcome) {
        let isNews = state.withLock { state in
            defer { state.rest = (clock.now() + state.queryPause.next(), error.message) }
            return state.rest == nil
        }
        guard isNews else { return }
        log.warning(
            "Searches go by keywords: their texts cannot be embedded",
            metadata: ["provider": "\(source.name)", "why": "\(error.message)"])
    }

    /// Cosines by position; `nil` when the tools have vectors of another model by now.
    func similarities(to queries: Queries) -> [[Float]]? {
        let table = state.withLock { $0.model == queries.model ? $0.table : nil }
        guard let table, queries.vectors.allSatisfy({ $0.count == table.dimensions }) else { return nil }
        return table.similarities(to: queries.vectors)
    }

    // MARK: - In the background

    private func run() async {
        var pause = BackoffDelay(first: 1_000, ceiling: 60_000)
        var wakes = wakes.makeAsyncIterator()
        while !Task.isCancelled {
            do throws(Outcome) {
                try await source.start()
                let generation = state.withLock { $0.generation }
                try await embedAll()
                pause.reset()
                succeeded(generation)
                if await wakes.next() == nil { return }
            } catch {
                if Task.isCancelled { return }
                failed(error)
                do { try await clock.sleep(pause.next()) } catch { return }
            }
        }
    }

    /// Gives every tool its vector.
    private func embedAll() async throws(Outcome) {
        var model = source.model ?? ""
        var swaps = 0
        while !Task.isCancelled {
            adopt(model)
            guard let missing = missing() else { return }
            guard let other = try await embed(missing, model) else { continue }
            // It was swapped, or is known only now, or makes other vectors under the same name.
            model = other
            swaps += 1
            guard swaps < 3 else {
                throw Outcome(.unavailable, message: "the model of the provider changes all the time")
            }
        }
    }

    /// Vectors of another model are of no use any more. An empty name is a model that is not known yet.
    private func adopt(_ model: String) {
        state.withLock { state in
            guard state.model != model else { return }
            (state.model, state.dimensions, state.table, state.refused) = (model, nil, nil, [])
        }
    }

    /// The texts without vectors, each once, in the order of the tools; `nil` when there are none.
    private func missing() -> [String]? {
        state.withLock { state in
            var seen = state.refused
            let texts = state.texts.enumerated().filter { position, text in
                state.table?.has(position) != true && seen.insert(text).inserted
            }.map(\.element)
            if !texts.isEmpty, state.phase != .failing { state.phase = .embedding }
            return texts.isEmpty ? nil : texts
        }
    }

    /// - Parameter model: Empty when the provider does not tell; then nothing is kept.
    /// - Returns: The model of the provider when it is another one.
    private func embed(_ texts: [String], _ model: String) async throws(Outcome) -> String? {
        let keys = Dictionary(uniqueKeysWithValues: texts.map { ($0, key($0, model)) })
        let kept = model.isEmpty ? [:] : await store.load(keys.values)
        // All of one model have the same length; what has another is no vector of it.
        let length = state.withLock { $0.table?.dimensions ?? $0.dimensions } ?? kept.values.first?.count ?? 0
        let usable = texts.compactMap { text -> (text: String, vector: [Float])? in
            guard let vector = keys[text].flatMap({ kept[$0] }), vector.count == length else { return nil }
            return (text, vector)
        }
        put(usable, model)
        let done = Set(usable.map(\.text))
        var rest = texts.filter { !done.contains($0) }[...]
        var size = min(Self.batchLimit, max(1, source.maximumBatch))
        while !rest.isEmpty, !Task.isCancelled {
            let batch = Array(rest.prefix(size))
            do throws(Outcome) {
                let made = try await source.embed(batch, isQuery: false, limit: nil)
                guard made.model == model else { return made.model }
                if changed(made) != nil { return model }
                let vectors = try made.vectors(batch.count)
                put(zip(batch, vectors).map { ($0, Array($1)) }, model)
                if !model.isEmpty {
                    await store.save(
                        zip(batch, vectors).compactMap { text, vector in keys[text].map { ($0, Array(vector)) } })
                }
                rest = rest.dropFirst(batch.count)
            } catch  where error.status == .invalid {
                // One of them, perhaps: it must not keep the others from theirs.
                if batch.count > 1 {
                    size = max(1, batch.count / 2)
                } else {
                    state.withLock { _ = $0.refused.insert(batch[0]) }
                    log.warning(
                        "A tool is found by keywords only: the provider refuses its description",
                        metadata: ["provider": "\(source.name)", "why": "\(error.message)"])
                    rest = rest.dropFirst()
                }
            } catch {
                throw error
            }
        }
        if !model.isEmpty { await store.prune(keeping: state.withLock { $0.texts }.map { key($0, model) }) }
        return nil
    }

    /// Vectors of another length than before under the same name are those of another model: what is in the table, and
    /// what is kept of that length, is of no use any more.
    /// - Returns: What happened; `nil` when the length is the same.
    private func changed(_ made: EmbeddedTexts) -> Outcome? {
        state.withLock { state in
            guard made.dimensions > 0, let former = state.table?.dimensions, former != made.dimensions else {
                return nil
            }
            (state.dimensions, state.table, state.refused) = (made.dimensions, nil, [])
            return Outcome(
                .protocolError,
                message: "vectors of \(made.model) have \(made.dimensions) dimensions now, and had \(former) before")
        }
    }

    private func key(_ text: String, _ model: String) -> VectorKey {
        VectorKey(text: text, provider: source.name, fingerprint: source.fingerprint, model: model)
    }

    /// Puts vectors to all tools with these texts, if they are still of the right model.
    private func put(_ vectors: [(text: String, vector: [Float])], _ model: String) {
        guard let first = vectors.first else { return }
        let byText = Dictionary(vectors.map { ($0.text, $0.vector) }) { first, _ in first }
        state.withLock { state in
            guard state.model == model else { return }
            var table = state.table ?? VectorTable(dimensions: first.vector.count, count: state.texts.count)
            state.table = nil
            for (position, text) in state.texts.enumerated() {
                if let vector = byText[text] { table.set(vector, at: position) }
            }
            state.table = table
        }
    }

    /// - Parameter generation: The catalogue that was looked at last may be a later one, but not an earlier one.
    private func succeeded(_ generation: Int) {
        let (recovered, waiting) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            // Another one came meanwhile, and the next round is about it.
            guard state.generation == generation else { return (false, []) }
            let recovered = state.phase == .failing
            (state.phase, state.message) = (.ready, nil)
            defer { state.waiting = [] }
            return (recovered, state.waiting)
        }
        if recovered {
            log.notice("Tools are searched by meaning again", metadata: ["provider": "\(source.name)"])
        }
        for continuation in waiting { continuation.resume() }
    }

    private func failed(_ outcome: Outcome) {
        let (isNews, waiting) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            let isNews = state.phase != .failing || state.message != outcome.message
            (state.phase, state.message) = (.failing, outcome.message)
            defer { state.waiting = [] }
            return (isNews, state.waiting)
        }
        if isNews {
            log.warning(
                "Tools are searched by keywords: their embeddings cannot be made",
                metadata: ["provider": "\(source.name)", "why": "\(outcome.message)"])
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension EmbeddedTexts {
    /// - Throws: When they do not fit the texts.
    fileprivate func vectors(_ count: Int) throws(Outcome) -> [ArraySlice<Float>] {
        guard dimensions > 0, values.count == count * dimensions else {
            throw Outcome(
                .protocolError,
                message: "expected \(count) vectors, found \(values.count) floats of vectors with \(dimensions)")
        }
        guard values.allSatisfy(\.isFinite) else {
            throw Outcome(.protocolError, message: "expected finite numbers in vectors, found infinity or NaN")
        }
        return (0..<count).map { values[($0 * dimensions)..<(($0 + 1) * dimensions)] }
    }
}
