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
    package var environment: [String: String]

    package init(
        paths: [String] = [], name: String? = nil, pluginFolders: [String] = [], target: Target = .local,
        allowPrivateBackends: Bool = false, listensOnLoopback: Bool = true, optimizes: Bool = false,
        environment: [String: String]
    ) {
        self.paths = paths
        self.name = name
        self.pluginFolders = pluginFolders
        self.target = target
        self.allowPrivateBackends =
            allowPrivateBackends || environment["VMCP_ALLOW_PRIVATE_BACKENDS"]?.lowercased() == "true"
        self.listensOnLoopback = listensOnLoopback
        self.optimizes = optimizes
        self.environment = environment
    }
}
