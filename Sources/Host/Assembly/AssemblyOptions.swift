package import HostConfiguration

/// What the command line decides about a configuration and its plugins.
package struct AssemblyOptions: Sendable {
    /// Files and folders of `--config`.
    package var paths: [String]
    /// Which VirtualMCPServer to take when there are several.
    package var name: String?
    /// Folders of `--plugins`, looked at first.
    package var pluginFolders: [String]
    package var target: Target
    package var allowPrivateBackends: Bool
    package var listensOnLoopback: Bool
    /// `--optimizer`: the optimizer with its defaults, when the configuration has none.
    package var optimizes: Bool
    /// `--optimizer-embedding`: an embedding server that the gateway runs, with the optimizer.
    package var embedding: Embedding?
    /// Whether what backends log is kept for a while, for whoever reaches the gateway.
    package var keepsLines: Bool
    package var environment: [String: String]

    /// What an embedding server of the command line is to be; its defaults where nothing is said.
    package struct Embedding: Sendable {
        package var model: String?
        package var image: String?

        package init(model: String?, image: String?) { (self.model, self.image) = (model, image) }
    }

    package init(
        paths: [String] = [], name: String? = nil, pluginFolders: [String] = [], target: Target = .local,
        allowPrivateBackends: Bool = false, listensOnLoopback: Bool = true, optimizes: Bool = false,
        embedding: Embedding? = nil, keepsLines: Bool = false, environment: [String: String]
    ) {
        self.paths = paths
        self.name = name
        self.pluginFolders = pluginFolders
        self.target = target
        self.allowPrivateBackends =
            allowPrivateBackends || environment["VMCP_ALLOW_PRIVATE_BACKENDS"]?.lowercased() == "true"
        self.listensOnLoopback = listensOnLoopback
        self.optimizes = optimizes
        self.embedding = embedding
        self.keepsLines = keepsLines
        self.environment = environment
    }
}
