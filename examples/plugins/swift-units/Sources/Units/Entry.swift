public import PluginAPI
import PluginKit

/// The one symbol of the library that the gateway calls.
@c @implementation public func vmcp_plugin_entry(_ hostABIMajor: UInt16) -> UnsafePointer<vmcp_plugin>? {
    Plugin.export(definition, for: hostABIMajor)
}

private let definition = PluginDefinition(
    id: "swift-units", version: "1.0.0", provides: [.backend],
    configSchema: """
        {"type":"object","additionalProperties":false,"properties":{
          "groupRef":{"type":"object"},
          "digits":{"type":"integer","minimum":0,"maximum":12}}}
        """
) { configuration, _ throws(PluginError) in
    let digits = try configuration.integer("digits", in: 0...12) ?? 6
    return ToolServer(name: "units", version: "1.0.0", tools: UnitTools(digits: digits).all)
}
