import PluginAPI
import PluginKit
import Synchronization
import Testing

/// An embedding provider behind its C table, asked as the host asks.
final class EmbeddingFixture {
    let host: TestHost
    let instance: TestInstance
    private let table: vmcp_embedding

    /// What a provider gave.
    struct Answer: Sendable, Equatable {
        var rows: [[Float]]
        var model: String
    }

    /// A question under way.
    struct Pending {
        let call: TestCall
        /// What was given; `nil` before, and when nothing was.
        var answer: Answer? { EmbeddingFixture.answers.withLock { $0[call.id] } }
        var outcome: Outcome? { call.outcome }
    }

    fileprivate static let answers = Mutex<[UInt64: Answer]>([:])

    init(
        _ definition: PluginDefinition, kind: String, name: String = "optimizer", spec: String,
        host: TestHost = TestHost()
    ) throws {
        self.host = host
        instance = try TestInstance(
            definition, host: host, configuration: #"{"kind":"\#(kind)","name":"\#(name)","spec":\#(spec)}"#)
        guard let table = instance.capability(VMCP_EMBEDDING, as: vmcp_embedding.self) else {
            throw TestInstance.Refused(status: nil, message: "no vmcp.embedding/1")
        }
        self.table = table
    }

    var dimensions: Int { Int(table.dimensions(instance.opaque)) }
    var maximumBatch: Int { Int(table.max_batch(instance.opaque)) }

    var model: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 500) { room in
            var text = vmcp_text(data: room.baseAddress, capacity: room.count, size: 0)
            guard table.identity(instance.opaque, &text) == Status.ok.rawValue else { return nil }
            return String(
                decoding: UnsafeRawBufferPointer(start: room.baseAddress, count: text.size), as: UTF8.self)
        }
    }

    @discardableResult
    func start(_ call: TestCall = TestCall()) -> TestCall {
        call.lent { instance.table.start(instance.opaque, $0) }
        return call
    }

    func embed(_ texts: [String], as kind: EmbeddingKind = .document) -> Pending {
        let call = TestCall()
        lend(texts.map { ($0, "") }) { pairs, count in
            let texts = UnsafeBufferPointer(start: pairs, count: count).map(\.name)
            var sink = vmcp_embedding_sink()
            sink.struct_size = UInt32(MemoryLayout<vmcp_embedding_sink>.size)
            sink.context = UnsafeMutableRawPointer(bitPattern: UInt(call.id))
            sink.vectors = { context, vectors in
                guard let vectors = vectors?.pointee else { return }
                let width = Int(vectors.dimensions)
                let rows = (0..<vectors.count).map { row in
                    Array(UnsafeBufferPointer(start: vectors.values + row * width, count: width))
                }
                let answer = Answer(rows: rows, model: vectors.model.string)
                EmbeddingFixture.answers.withLock { $0[UInt64(UInt(bitPattern: context))] = answer }
            }
            call.lent { table.embed(instance.opaque, kind.rawValue, texts, texts.count, &sink, $0) }
        }
        return Pending(call: call)
    }
}
