import PluginKit
import Synchronization
import Testing

@testable import LocalEmbeddingCore

@Suite("Embedding workers")
struct EmbeddingWorkersTests {
    /// A provider whose "model" gives the length of a text, and waits at the text `gate` until it is let through.
    private final class Gated: EmbeddingProvider {
        let model: String? = "gated/1"
        let dimensions = 1
        let maximumBatch = 10
        let workers: EmbeddingWorkers
        let steps: Steps

        /// What was embedded in which order, and the gate.
        final class Steps: Sendable {
            let order = Mutex<[String]>([])
            let (arrived, arrive) = AsyncStream<Void>.makeStream()
            let gate = WorkGate()

            func embed(_ text: String) throws(PluginError) -> [Float] {
                order.withLock { $0.append(text) }
                if text == "gate" {
                    arrive.yield()
                    gate.wait()
                }
                if text == "bad" { throw PluginError(.internalError, "no vector for 'bad'") }
                return [Float(text.utf8.count)]
            }
        }

        init() throws(PluginError) {
            let steps = Steps()
            self.steps = steps
            workers = try EmbeddingWorkers(threads: 1) { text throws(PluginError) in try steps.embed(text) }
        }

        func embed(_ texts: [String], as kind: EmbeddingKind, reply: EmbeddingReply) {
            let batch = EmbeddingBatch(texts, model: "gated/1", dimensions: 1, reply: reply)
            reply.call.onCancel { [weak batch] _ in batch?.fail(Outcome(.cancelled)) }
            workers.add(batch, as: kind)
        }
    }

    private static let made = Mutex<[String: Gated]>([:])

    /// One definition for all: the kit keeps few of them in a process.
    private static let definition = PluginDefinition(id: "gated", version: "1", provides: [.embedding]) {
        configuration, _ throws(PluginError) in
        let provider = try Gated()
        EmbeddingWorkersTests.made.withLock { $0[configuration.name] = provider }
        return provider
    }

    private func fixture(_ name: String = #function) throws -> (EmbeddingFixture, Gated.Steps, EmbeddingWorkers) {
        let fixture = try EmbeddingFixture(Self.definition, kind: "gated", name: name, spec: "{}")
        let provider = try #require(Self.made.withLock { $0[name] })
        return (fixture, provider.steps, provider.workers)
    }

    @Test("Queries go before documents, a text is the longest wait, and a failed text fails its call alone")
    func order() async throws {
        let (fixture, steps, workers) = try fixture()
        let first = fixture.embed(["gate", "x"])
        for await _ in steps.arrived { break }
        let second = fixture.embed(["yy", "zzz"])
        let bad = fixture.embed(["bad", "left out"])
        let query = fixture.embed(["q"], as: .query)
        steps.gate.open()
        #expect(await query.call.ended().outcome == .ok)
        #expect(await bad.call.ended().outcome == Outcome(.internalError, "no vector for 'bad'"))
        #expect(first.answer?.rows == [[4], [1]] && second.answer?.rows == [[2], [3]] && query.answer?.rows == [[1]])
        #expect(steps.order.withLock { $0 }.prefix(6) == ["gate", "q", "x", "yy", "zzz", "bad"])
        workers.close()
    }

    @Test("A cancelled call ends at once, and its other texts are left out")
    func cancel() async throws {
        let (fixture, steps, workers) = try fixture()
        let cancelled = fixture.embed(["gate", "never"])
        for await _ in steps.arrived { break }
        fixture.instance.cancel(cancelled.call)
        #expect(cancelled.outcome?.status == .cancelled)
        let next = fixture.embed(["n"])
        steps.gate.open()
        #expect(await next.call.ended().outcome == .ok)
        #expect(steps.order.withLock { $0 } == ["gate", "n"])
        workers.close()
    }

    @Test("At the end, calls that wait are told so, and the last thread says that it is gone")
    func close() async throws {
        let (fixture, steps, workers) = try fixture()
        let running = fixture.embed(["gate", "never"])
        for await _ in steps.arrived { break }
        let waiting = fixture.embed(["w"])
        let (gone, go) = AsyncStream<Void>.makeStream()
        workers.close { go.finish() }
        #expect(running.outcome?.status == .unavailable && waiting.outcome?.status == .unavailable)
        #expect(fixture.embed(["late"]).outcome?.status == .unavailable)
        steps.gate.open()
        for await _ in gone {}
        #expect(steps.order.withLock { $0 } == ["gate"])
    }
}
