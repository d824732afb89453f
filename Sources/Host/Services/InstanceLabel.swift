/// Names a plugin instance in logs, metrics and errors.
package struct InstanceLabel: Sendable, Hashable {
    /// The plugin's id.
    package let plugin: String
    /// The kind of the resource that it serves, such as `MCPServer`.
    package let kind: String
    /// The name of the resource.
    package let name: String

    package init(plugin: String, kind: String, name: String) {
        self.plugin = plugin
        self.kind = kind
        self.name = name
    }
}

/// How an instance says it is (`vmcp_state.set`).
package enum InstanceState: UInt32, Sendable { case ready = 1, degraded = 2, down = 3 }

/// Whoever wants to know how an instance is.
package protocol InstanceDelegate: Sendable {
    /// Called on a thread of the plugin, several at a time; not to block.
    ///
    /// - Parameter reason: One sentence for people.
    func instance(_ label: InstanceLabel, became state: InstanceState, reason: String)
}
