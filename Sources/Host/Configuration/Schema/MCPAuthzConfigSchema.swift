/// MCPAuthzConfig (resource specification, section 12); which types are usable, the user of the resource decides.
enum MCPAuthzConfigSchema {
    static let spec = ObjectShape([
        .required("type", .text(length: 1...Int.max)), .required("config", .freeObject),
    ])
}
