package import Gateway
import PluginAPI
import Synchronization

/// Vectors of one embed call (`vmcp_vectors`), one for each text, in their order.
package struct Vectors: Sendable, Equatable {
    /// Floats a vector.
    package var dimensions: Int
    /// All vectors, one after the other; finite.
    package var values: [Float]
    /// Identity of the model that made them; vectors of two models are never compared.
    package var model: String
}

/// An embedding provider: `vmcp.embedding/1` of a plugin instance.
package final class PluginEmbeddingProvider: Sendable {
    /// The numbers are those of `VMCP_EMBED_DOCUMENT` and `VMCP_EMBED_QUERY`.
    package enum Kind: UInt32, Sendable { case document = 1, query }

    private let instance: PluginInstance
    private let table: CapabilityTable<vmcp_embedding>

    init(_ instance: PluginInstance) throws(PluginLoadError) {
        let table = instance.capability(VMCP_EMBEDDING, as: vmcp_embedding.self)
        guard let table, table.functions.embed != nil, table.functions.identity != nil,
            table.functions.dimensions != nil, table.functions.max_batch != nil
        else {
            throw PluginLoadError(
                .missingCapability, path: instance.image.path,
                expected: "\(VMCP_EMBEDDING) with the functions identity, dimensions, max_batch and embed",
                found: table == nil ? "no such table" : "NULL for one of them",
                advice: "answer capability(\"\(VMCP_EMBEDDING)\") with a complete vmcp_embedding")
        }
        self.instance = instance
        self.table = table
    }

    /// Identity of the model as of now; `nil` while not known.
    package var identity: String? {
        let told = instance.direct { handle in Lending.withError { table.functions.identity?(handle, $0) } }
        guard let told, told.0 == vmcp_status(VMCP_OK), !told.1.isEmpty else { return nil }
        return told.1
    }

    /// Floats a vector, or 0 while not known.
    package var dimensions: Int { Int((instance.direct { table.functions.dimensions?($0) } ?? 0) ?? 0) }

    /// Most texts in one call, at least 1.
    package var maximumBatch: Int { max(1, Int((instance.direct { table.functions.max_batch?($0) } ?? 1) ?? 1)) }

    /// Embeds texts, at most ``maximumBatch``. When the task is cancelled the plugin is advised of it.
    /// - Throws: ``Outcome``; `protocolError` when the plugin's vectors do not fit the texts.
    package func embed(_ texts: [String], kind: Kind, context: CallContext) async throws(Outcome) -> Vectors {
        if texts.isEmpty { return Vectors(dimensions: dimensions, values: [], model: identity ?? "") }
        let result: Result<Vectors, Outcome> = await instance.awaited(context) { continuation in
            EmbedCall(count: texts.count) { continuation.resume(returning: $0) }
        } _: { [table] handle, call in
            Lending.with(texts.map { Array($0.utf8) }) { pieces in
                var sink = vmcp_embedding_sink()
                sink.struct_size = UInt32(MemoryLayout<vmcp_embedding_sink>.size)
                sink.context = call.pointee.context
                sink.vectors = PluginCallbacks.vectors
                table.functions.embed?(handle, kind.rawValue, pieces.baseAddress, pieces.count, &sink, call)
            }
        }
        return try result.get()
    }
}

/// A call of `embed`: keeps the vectors until the call is resolved.
final class EmbedCall: BackendCallObserver {
    /// Most floats in one vector: more is a defect, not a model.
    private static let dimensionLimit: UInt32 = 65_536

    private let vectors = Mutex<Vectors?>(nil)
    private let count: Int
    private let completion: @Sendable (Result<Vectors, Outcome>) -> Void

    init(count: Int, _ completion: @escaping @Sendable (Result<Vectors, Outcome>) -> Void) {
        self.count = count
        self.completion = completion
    }

    func received(_ message: [UInt8]) -> Flow { .go }
    func progressed(_ text: String) {}

    /// - Returns: False when the vectors cannot be read, do not fit the texts, or are not the first.
    func answered(_ pointer: UnsafePointer<vmcp_vectors>?) -> Bool {
        guard let pointer, let raw = CTable.copy(pointer, minimum: 32), let values = raw.values, raw.count == count,
            raw.dimensions > 0, raw.dimensions <= Self.dimensionLimit
        else { return false }
        let floats = Array(UnsafeBufferPointer(start: values, count: count * Int(raw.dimensions)))
        guard floats.allSatisfy(\.isFinite) else { return false }
        let read = Vectors(
            dimensions: Int(raw.dimensions), values: floats, model: OutcomeReader.text(raw.model))
        return vectors.withLock { vectors in
            if vectors != nil { return false }
            vectors = read
            return true
        }
    }

    func ended(_ outcome: Outcome, last: [UInt8]) {
        guard outcome.status == .ok else { return completion(.failure(outcome)) }
        guard let vectors = vectors.withLock({ $0 }) else {
            return completion(
                .failure(
                    Outcome(.protocolError, message: "the plugin gave no finite vectors for \(count) texts")))
        }
        completion(.success(vectors))
    }
}
