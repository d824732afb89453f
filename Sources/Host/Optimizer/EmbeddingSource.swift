package import Gateway

/// Vectors for some texts, one for each, in their order.
package struct EmbeddedTexts: Sendable {
    /// Floats a vector.
    package var dimensions: Int
    /// All vectors, one after the other.
    package var values: [Float]
    /// Identity of the model that made them; vectors of two models are never compared.
    package var model: String

    package init(dimensions: Int, values: [Float], model: String) {
        self.dimensions = dimensions
        self.values = values
        self.model = model
    }
}

/// What turns texts into vectors: an embedding plugin, in the end.
package protocol EmbeddingSource: Sendable {
    /// As the configuration names it, such as `local`.
    var name: String { get }
    /// What of the configuration decides about its vectors: the service, the model that is asked for.
    var fingerprint: String { get }
    /// Starts it when it does not run.
    func start() async throws(Outcome)
    /// Identity of the model as of now; `nil` while not known.
    var model: String? { get }
    /// Most texts at a time, at least 1.
    var maximumBatch: Int { get }
    /// - Parameter limit: Longest wait in milliseconds; `nil` = as long as the configuration says.
    func embed(_ texts: [String], isQuery: Bool, limit: UInt64?) async throws(Outcome) -> EmbeddedTexts
    func stop() async
}
