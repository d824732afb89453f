/// An instance that was created and started, with the capability it was made for.
package final class RunningInstance<Face: Sendable>: Sendable {
    /// What the instance is used as.
    package let face: Face
    /// Its optional probe and usage.
    package let probe: InstanceProbe
    private let instance: PluginInstance
    private let grace: UInt64

    init(face: Face, instance: PluginInstance, grace: UInt64) {
        self.face = face
        self.instance = instance
        self.grace = grace
        probe = InstanceProbe(instance)
    }

    /// Where in its life the instance is.
    package var life: InstanceLife.State { instance.state }

    /// How the instance says it is; ready when it never said anything.
    package var state: ReportedState { instance.reported }

    /// The calls of its plugin so far, those of the plugin's other instances included.
    package var counts: CallCounts { instance.ledger.calls.counts }

    /// Sessions of its plugin whose sinks are in use, those of the plugin's other instances included.
    package var openSessions: Int { instance.ledger.sessions.count }

    /// Id of the plugin.
    package var plugin: String { instance.image.manifest.id }

    /// Ends the instance; returns when it is destroyed, or given up because the plugin never resolved a call (``life``
    /// is then `leaked`). A second call returns at once.
    package func stop() async {
        await instance.stop(grace: grace)
        (face as? PluginBackendLink)?.dropAll()
    }
}

/// A backend that was created and started.
package typealias RunningBackend = RunningInstance<PluginBackendLink>

extension RunningInstance where Face == PluginBackendLink {
    /// The way to its MCP server.
    package var link: PluginBackendLink { face }
}
