/// What a plugin library says about itself before it makes an instance.
public struct PluginDefinition: Sendable {
    /// Makes an instance. It does no I/O; what takes time belongs into ``PluginInstance/start(_:)``.
    public typealias Factory =
        @Sendable (PluginConfiguration, HostServices) throws(PluginError) -> any PluginInstance

    /// Lower case letters, digits, '-' and '.'; equals `id` of plugin.yaml.
    public var id: String
    /// Equals `version` of plugin.yaml.
    public var version: String
    /// Equals `provides` of plugin.yaml.
    public var provides: [Capability]
    /// JSON Schema (2020-12) of `spec`, checked by the host before an instance is made.
    public var configSchema: String?
    /// How the host is to call the plugin.
    public var flags: PluginFlags
    /// Makes an instance.
    public var make: Factory

    /// Makes a definition.
    public init(
        id: String, version: String, provides: [Capability], configSchema: String? = nil, flags: PluginFlags = [],
        make: @escaping Factory
    ) {
        self.id = id
        self.version = version
        self.provides = provides
        self.configSchema = configSchema
        self.flags = flags
        self.make = make
    }
}

/// The id of a capability, such as `vmcp.backend/1`.
public struct Capability: Sendable, Hashable, RawRepresentable {
    /// The id.
    public let rawValue: String
    /// Makes an id.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// ``BackendPlugin``
    public static let backend = Capability(rawValue: "vmcp.backend/1")
    /// ``AuthStrategy``
    public static let auth = Capability(rawValue: "vmcp.auth/1")
    /// ``EmbeddingProvider``
    public static let embedding = Capability(rawValue: "vmcp.embedding/1")
    /// ``HealthProbe``, optional
    public static let health = Capability(rawValue: "vmcp.health/1")
    /// ``ResourceReporter``, optional
    public static let resources = Capability(rawValue: "vmcp.resources/1")
}

/// How the host is to call the plugin (`vmcp_plugin.flags`).
public struct PluginFlags: OptionSet, Sendable {
    /// The bits of the ABI.
    public let rawValue: UInt32
    /// Makes a set from the bits of the ABI.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Functions that take a ``Call`` may block: the host calls them on a bounded pool.
    public static let blocking = PluginFlags(rawValue: 1)
}

/// An instance of a plugin, one for each resource it serves.
///
/// A class that conforms to ``BackendPlugin``, ``AuthStrategy`` or ``EmbeddingProvider`` as well offers that capability;
/// with ``HealthProbe`` and ``ResourceReporter`` the optional ones.
public protocol PluginInstance: AnyObject, Sendable {
    /// Does what takes time before the first use. By default there is nothing to do.
    func start(_ call: Call)
    /// Ends what is open: sessions, processes, streams; resolves when done. By default there is nothing to do.
    func quiesce(_ call: Call)
}

extension PluginInstance {
    /// Resolves at once.
    public func start(_ call: Call) { call.resolve() }
    /// Resolves at once.
    public func quiesce(_ call: Call) { call.resolve() }
}

/// Optional capability `vmcp.health/1`: a cheaper probe than an MCP request.
public protocol HealthProbe: PluginInstance {
    /// Looks whether the instance can serve: resolves with ok, or with why not. Needs no user's credential.
    func check(_ call: Call)
}

/// What an instance uses; zero where not known.
public struct ResourceUsage: Sendable, Equatable {
    /// Children alive.
    public var processes = 0
    /// Memory held by the instance in bytes, children included.
    public var memory: UInt64 = 0
    /// Processor time since start in milliseconds, children included.
    public var processorTime: UInt64 = 0
    /// Sessions open.
    public var sessions = 0

    /// Makes an empty report.
    public init() {}
}

/// Optional capability `vmcp.resources/1`: what an instance uses.
public protocol ResourceReporter: PluginInstance {
    /// What is used now. Must return without waiting.
    var usage: ResourceUsage { get }
}
