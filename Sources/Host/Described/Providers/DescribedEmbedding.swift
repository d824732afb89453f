import PluginKit
import Synchronization

/// Functions of a library as a provider of vectors.
final class DescribedEmbedding: EmbeddingProvider {
    private let core: DescribedCore
    private let embedding: EmbeddingDescription
    private let asked = Mutex(0)

    /// `nil` for a description without one.
    init?(_ core: DescribedCore) {
        guard let embedding = core.description.embedding else { return nil }
        self.core = core
        self.embedding = embedding
        if case .fixed(let count) = embedding.dimensions { asked.withLock { $0 = count } }
    }

    var model: String? { embedding.model }
    var dimensions: Int { asked.withLock { $0 } }
    var maximumBatch: Int { embedding.maximumBatch }

    func start(_ call: Call) {
        core.start(call) { () throws(CallFailure) in
            guard case .function(let name) = embedding.dimensions, let function = core.description.function(name) else {
                return
            }
            guard case .integer(let count)? = try core.call(function, [], for: call).first?.value,
                (1...65_536).contains(count)
            else { throw CallFailure(.badResult, "'\(name)' gives no dimensions from 1 to 65536") }
            asked.withLock { $0 = Int(count) }
        }
    }

    func quiesce(_ call: Call) { core.quiesce(call) }

    func embed(_ texts: [String], as kind: EmbeddingKind, reply: EmbeddingReply) {
        do throws(CallFailure) {
            reply.vectors(try vectors(texts, reply.call), model: embedding.model)
        } catch {
            reply.fail(Outcome(error))
        }
    }

    private func vectors(_ texts: [String], _ call: Call) throws(CallFailure) -> [Float] {
        var vectors: [Float] = []
        vectors.reserveCapacity(texts.count * dimensions)
        // A batch of one is what `single` is for, when there is one.
        if let name = embedding.batch, texts.count != 1 || embedding.single == nil {
            for start in stride(from: 0, to: texts.count, by: embedding.maximumBatch) {
                let part = texts[start..<min(start + embedding.maximumBatch, texts.count)]
                vectors += try floats(name, .list(part.map(Value.text)), part.count, call)
            }
        } else if let name = embedding.single {
            for text in texts { vectors += try floats(name, .text(text), 1, call) }
        }
        return vectors
    }

    private func floats(_ name: String, _ input: Value, _ count: Int, _ call: Call) throws(CallFailure) -> [Float] {
        guard let function = core.description.function(name), let open = function.exposed.first else { return [] }
        let answer = try core.call(
            function, [Member(open.name, input)], dimensions: Int64(dimensions), for: call)
        for case .floats(let floats) in answer.map(\.value) {
            guard floats.count == count * dimensions else {
                throw CallFailure(
                    .badResult, "'\(name)' gave \(floats.count) floats for \(count) texts of \(dimensions) dimensions")
            }
            return floats
        }
        throw CallFailure(.badResult, "'\(name)' gave no vectors")
    }
}
