import EmbeddingServerCore
public import PluginAPI
import PluginKit

/// The entry of the library (`vmcp_plugin_entry`).
@c @implementation public func vmcp_plugin_entry(_ hostABIMajor: UInt16) -> UnsafePointer<vmcp_plugin>? {
    Plugin.export(EmbeddingServerPlugin.definition, for: hostABIMajor)
}
