import PluginAPI

/// Turns texts into vectors.
public protocol EmbeddingProvider: PluginInstance {
    /// Identity of the model as of now, such as `all-MiniLM-L6-v2/int8`, or `nil` while not known.
    var model: String? { get }
    /// Floats a vector, 0 while not known.
    var dimensions: Int { get }
    /// Most texts in one call, at least 1.
    var maximumBatch: Int { get }
    /// Embeds texts and replies once, now or later, from any thread.
    func embed(_ texts: [String], as kind: EmbeddingKind, reply: EmbeddingReply)
}

/// What a text is for.
public enum EmbeddingKind: UInt32, Sendable {
    /// What is searched.
    case document = 1
    /// What is searched for.
    case query = 2
}

/// Where vectors go: exactly one of its functions is called, once; more have no effect.
public final class EmbeddingReply: Sendable {
    /// The work itself, for its deadline and for ``Call/onCancel(_:)``.
    public let call: Call
    /// How many vectors are expected.
    public let count: Int
    private let target: Target

    private struct Target: @unchecked Sendable {
        // The context is a number in disguise, and the function is [thread-safe] by the ABI.
        let sink: vmcp_embedding_sink
    }

    init(_ call: Call, _ sink: UnsafePointer<vmcp_embedding_sink>, count: Int) {
        self.call = call
        self.count = count
        target = Target(sink: copyOfTable(sink, as: vmcp_embedding_sink()))
    }

    /// Gives the vectors, one after the other in the order of the texts, and the identity of the model that made them.
    ///
    /// Values must be finite and make `count` vectors of equal length; otherwise the call ends as a defect.
    public func vectors(_ values: [Float], model: String) {
        guard !call.isResolved else { return }
        guard count > 0 ? !values.isEmpty && values.count % count == 0 : values.isEmpty else {
            fail(Outcome(.internalError, "expected \(count) vectors of equal length, found \(values.count) floats"))
            return
        }
        guard values.allSatisfy(\.isFinite) else {
            fail(Outcome(.internalError, "expected finite floats, found infinity or NaN"))
            return
        }
        values.withUnsafeBufferPointer { values in
            model.withBorrowedBytes { model in
                var table = vmcp_vectors()
                table.struct_size = UInt32(MemoryLayout<vmcp_vectors>.size)
                table.dimensions = UInt32(clamping: count > 0 ? values.count / count : 0)
                table.count = count
                table.values = values.baseAddress
                table.model = model
                target.sink.vectors?(target.sink.context, &table)
            }
        }
        call.resolve()
    }

    /// Ends the call without vectors.
    public func fail(_ outcome: Outcome) {
        call.resolve(
            outcome.status == .ok ? Outcome(.internalError, "the provider failed without a reason") : outcome)
    }
}

extension vmcp_embedding {
    /// The table of a provider written in Swift.
    init(exporting provider: any EmbeddingProvider) {
        self.init()
        struct_size = UInt32(MemoryLayout<Self>.size)
        identity = { instance, room in
            guard let model = InstanceBox.embedding(instance)?.model else { return Status.unavailable.rawValue }
            write(model, to: room)
            return Status.ok.rawValue
        }
        dimensions = { UInt32(clamping: InstanceBox.embedding($0)?.dimensions ?? 0) }
        max_batch = { UInt32(clamping: max(1, InstanceBox.embedding($0)?.maximumBatch ?? 1)) }
        embed = { instance, kind, texts, count, sink, call in
            guard let box = InstanceBox.borrowed(instance), let call = box.call(call) else { return }
            guard let provider = InstanceBox.embedding(instance), let sink, texts != nil || count == 0,
                let kind = EmbeddingKind(rawValue: kind)
            else {
                call.resolve(Outcome(.invalid, "embed: expected texts, a sink, and kind 1 or 2; found kind \(kind)"))
                return
            }
            provider.embed(
                UnsafeBufferPointer(start: texts, count: count).map(\.text), as: kind,
                reply: EmbeddingReply(call, sink, count: count))
        }
    }
}

extension InstanceBox {
    fileprivate static func embedding(_ instance: UnsafeMutableRawPointer?) -> (any EmbeddingProvider)? {
        borrowed(instance)?.instance as? any EmbeddingProvider
    }
}
