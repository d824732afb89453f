/// Where the gateway runs, which decides a few rules.
package enum Target: String, Sendable, CaseIterable {
    /// A process on a machine: no cluster is there to provide what the files lack.
    case local
    /// A pod: Secrets and ConfigMaps may exist in the cluster alone, unknown fields of `spec.config` are kept.
    case cluster
}

/// A resource kind that a plugin serves.
package struct ServedKind: Sendable, Equatable {
    /// The plugin's id, for messages.
    package var pluginID: String
    /// JSON Schema (2020-12) text of the resource's `spec`, as the plugin declares it; `nil` leaves all checks to it.
    package var configSchema: String?

    package init(pluginID: String, configSchema: String? = nil) {
        self.pluginID = pluginID
        self.configSchema = configSchema
    }
}

/// What a configuration is read from.
package struct ConfigurationSources: Sendable {
    /// Files, and folders whose `*.yaml`, `*.yml` and `*.json` are read, one level deep and in order of their names.
    package var paths: [String]
    /// Which VirtualMCPServer or vMCP document to serve; may be `nil` when there is only one.
    package var name: String?
    /// Default ``Target/local``.
    package var target: Target
    /// Permits `remoteUrl` on private and loopback addresses wherever the gateway runs. Default false.
    package var allowPrivateBackends: Bool
    /// Whether the gateway itself listens on loopback only, which makes loopback backends as safe as itself.
    /// Default true.
    package var listensOnLoopback: Bool
    /// The kinds that plugins serve, by kind.
    package var servedKinds: [String: ServedKind]
    /// The types of outgoing authentication that plugins serve, besides `unauthenticated`.
    package var servedStrategies: Set<String>
    /// The embedding providers that plugins serve.
    package var servedEmbeddings: Set<String>
    /// The process environment, for the fields that name variables (`*Env`) and for static headers.
    package var environment: [String: String]

    package init(
        paths: [String], name: String? = nil, target: Target = .local, allowPrivateBackends: Bool = false,
        listensOnLoopback: Bool = true, servedKinds: [String: ServedKind] = [:],
        servedStrategies: Set<String> = [], servedEmbeddings: Set<String> = [], environment: [String: String] = [:]
    ) {
        self.paths = paths
        self.name = name
        self.target = target
        self.allowPrivateBackends = allowPrivateBackends
        self.listensOnLoopback = listensOnLoopback
        self.servedKinds = servedKinds
        self.servedStrategies = servedStrategies
        self.servedEmbeddings = servedEmbeddings
        self.environment = environment
    }
}
