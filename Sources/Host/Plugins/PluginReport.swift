/// What is known about one plugin, for `vmcp plugins`, `/status` and the log.
package struct PluginReport: Sendable, Equatable {
    package enum State: String, Sendable {
        /// Its manifest was read; the library is loaded when something needs it.
        case available
        case loaded
        case refused
    }

    /// Of the manifest, or the folder's name when the manifest cannot be read.
    package var id: String
    package var version: String
    /// The library once it is loaded; the manifest before.
    package var path: String
    package var provides: [String]
    package var kinds: [String]
    /// Types of outgoing authentication.
    package var strategies: [String]
    /// Embedding providers.
    package var embeddings: [String]
    package var state: State
    /// Why it was refused.
    package var error: PluginLoadError?
    /// ABI version that it was compiled for; `nil` until it is loaded.
    package var abi: String?
    /// Whether its functions run on a bounded pool; `nil` until it is loaded.
    package var isBlocking: Bool?
    /// JSON Schema of `spec`; `nil` until it is loaded, and for plugins without one.
    package var configSchema: String?
    /// What it did against the contract of the ABI, by ``Misbehaviour``, and how often.
    package var misbehaviour: [Misbehaviour: UInt64] = [:]
    /// Instances kept for good because the plugin never resolved a call.
    package var leakedInstances = 0
    /// Calls of a described library that were tried, a line each.
    package var probes: [String] = []

    init(manifest: PluginManifest) {
        id = manifest.id
        version = manifest.version
        path = manifest.path
        provides = manifest.provides
        kinds = manifest.kinds
        strategies = manifest.strategies
        embeddings = manifest.embeddings
        state = .available
    }

    init(manifest: PluginManifest, error: PluginLoadError) {
        self.init(manifest: manifest)
        state = .refused
        self.error = error
    }

    /// A manifest that cannot be read.
    init(path: String, error: PluginLoadError) {
        id = FilePath.name(of: FilePath.folder(of: path))
        version = ""
        self.path = path
        provides = []
        kinds = []
        strategies = []
        embeddings = []
        state = .refused
        self.error = error
    }

    init(image: PluginImage) {
        self.init(manifest: image.manifest)
        path = image.path
        state = .loaded
        abi = image.abi
        isBlocking = image.isBlocking
        configSchema = image.configSchema
        misbehaviour = image.misbehaviour
        leakedInstances = image.leakedInstances
    }
}
