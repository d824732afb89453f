import CPosix
import Glibc
import PluginKit
import Synchronization

/// A fixed number of threads that embed texts, a text at a time.
///
/// Queries go before documents: somebody waits for them, and never longer than for one text. One text a run, since
/// quantised arithmetic depends on all that is in a run: so a text has the same vector in whatever company, and no text is
/// padded to the length of another.
final class EmbeddingWorkers: Sendable {
    typealias Embed = @Sendable (String) throws(PluginError) -> [Float]

    private struct State: Sendable {
        var queries: [EmbeddingBatch] = []
        var documents: [EmbeddingBatch] = []
        var running = 0
        var isClosed = false
        var onEnd: (@Sendable () -> Void)?
        var processorTime: UInt64 = 0
    }

    private let embed: Embed
    private let state = Mutex(State())
    private let work = WorkSignal()

    /// - Throws: ``PluginError`` when the system has no thread for us.
    init(threads: Int, embed: @escaping Embed) throws(PluginError) {
        self.embed = embed
        for _ in 0..<threads {
            state.withLock { $0.running += 1 }
            if let failure = PluginThread.start("vmcp-embed", { [self] in loop() }) {
                state.withLock { $0.running -= 1 }
                guard state.withLock({ $0.running }) == 0 else { break }
                throw PluginError(.exhausted, "no thread to embed texts with: \(failure)")
            }
        }
    }

    /// Processor time of the texts embedded so far, in milliseconds.
    var processorTime: UInt64 { state.withLock { $0.processorTime / 1_000_000 } }

    /// Takes a batch in. It is ended by the workers, or at once when they have been told to end.
    func add(_ batch: EmbeddingBatch, as kind: EmbeddingKind) {
        let isTaken = state.withLock { state in
            guard !state.isClosed else { return false }
            if kind == .query { state.queries.append(batch) } else { state.documents.append(batch) }
            return true
        }
        guard isTaken else { return batch.fail(Self.ending) }
        for _ in batch.texts { work.post() }
    }

    /// Ends all batches and then the threads; `onEnd` is called when the last one is gone.
    func close(_ onEnd: (@Sendable () -> Void)? = nil) {
        let (left, isGone) = state.withLock { state in
            let left = state.queries + state.documents
            (state.queries, state.documents) = ([], [])
            state.isClosed = true
            if state.running > 0 { state.onEnd = onEnd ?? state.onEnd }
            return (left, state.running == 0)
        }
        for batch in left { batch.fail(Self.ending) }
        if isGone { onEnd?() }
        for _ in 0..<state.withLock({ $0.running }) { work.post() }
    }

    private static let ending = Outcome(.unavailable, "the embedding provider is being shut down")

    private func loop() {
        while true {
            work.wait()
            let (found, isClosed) = state.withLock { state in (Self.next(&state), state.isClosed) }
            if isClosed { break }
            guard let (batch, index) = found else { continue }
            let before = Self.processorTimeOfThread
            do {
                batch.finish(index, try embed(batch.texts[index]))
            } catch {
                batch.fail(Outcome(error.status == .ok ? .internalError : error.status, error.message))
            }
            let spent = Self.processorTimeOfThread &- before
            state.withLock { $0.processorTime += spent }
        }
        let onEnd = state.withLock { state in
            state.running -= 1
            return state.running == 0 ? state.onEnd : nil
        }
        onEnd?()
    }

    private static func next(_ state: inout State) -> (EmbeddingBatch, Int)? {
        next(&state.queries) ?? next(&state.documents)
    }

    private static func next(_ batches: inout [EmbeddingBatch]) -> (EmbeddingBatch, Int)? {
        while let first = batches.first {
            let taken = first.take()
            if taken?.isLast ?? true { batches.removeFirst() }
            if let taken { return (first, taken.index) }
        }
        return nil
    }

    /// Nanoseconds.
    private static var processorTimeOfThread: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Counts what is to be done, and lets threads wait for it.
private final class WorkSignal: @unchecked Sendable {
    // A semaphore may be used by any thread; it is made before any and destroyed after all.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func post() { sem_post(semaphore) }
    func wait() { while sem_wait(semaphore) != 0 {} }
}

/// A detached thread of the plugin's own.
enum PluginThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// - Parameter name: At most 15 characters.
    /// - Returns: Why there is no thread, or `nil`.
    static func start(_ name: String, _ run: @escaping @Sendable () -> Void) -> String? {
        let body = Unmanaged.passRetained(Body(run))
        let failure = cposix_thread(
            name, { context in context.map { Unmanaged<Body>.fromOpaque($0).takeRetainedValue().run() } },
            body.toOpaque())
        guard failure != 0 else { return nil }
        body.release()
        return String(cString: strerror(failure))
    }
}
