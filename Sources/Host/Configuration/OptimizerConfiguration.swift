package import Gateway

/// The optimizer: how tools are ranked, and what embeds them (`optimizer`).
package struct OptimizerConfiguration: Sendable, Equatable {
    package var settings: OptimizerSettings
    /// The embedding provider, such as `local`, `tei` or `openai`; a plugin serves it. `nil` searches by keywords: `tei` is
    /// written, and no service.
    package var provider: String?
    /// Longest wait for vectors. Default 30 s.
    package var timeout: Duration
    /// The whole section as JSON: what the plugin is created from.
    package var specJSON: [UInt8]
    /// What its references lead to, as JSON.
    package var resolvedJSON = Array("{}".utf8)
    /// The absolute folder of the file that has the section.
    package var baseDirectory: String
    /// Where vectors are kept, absolute; `nil` keeps them in memory.
    package var cacheFile: String?
    /// What decides about vectors besides the text: the service and the model asked for.
    package var fingerprint: String
    /// Whether the provider's requests may go to private and loopback addresses.
    package var reach: RemoteURL.Reach

    /// Has an EmbeddingServer of these settings make the vectors: `vmcp serve --optimizer-embedding`.
    package mutating func embed(model: String?, image: String?) {
        provider = EmbeddingServerReading.provider
        var members: [String: String] = [:]
        members["model"] = model
        members["image"] = image
        specJSON = []
        specJSON.appendJSONObject(members)
        fingerprint = "\(image ?? "")\n\(model ?? "")"
    }

    /// What stands for a section that is not written: `vmcp serve --optimizer`.
    package static func standard(allowsLoopback: Bool) -> OptimizerConfiguration {
        OptimizerConfiguration(
            settings: OptimizerSettings(), provider: "local", timeout: .seconds(30), specJSON: Array("{}".utf8),
            baseDirectory: ".", cacheFile: nil, fingerprint: "",
            reach: RemoteURL.Reach(allowsPrivate: false, allowsLoopback: allowsLoopback))
    }
}
