public import PluginAPI
import PluginKit
import RemoteEmbeddingCore

/// The entry of the library (`vmcp_plugin_entry`).
@c @implementation public func vmcp_plugin_entry(_ hostABIMajor: UInt16) -> UnsafePointer<vmcp_plugin>? {
    Plugin.export(RemoteEmbeddingPlugin.definition, for: hostABIMajor)
}
