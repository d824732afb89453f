/// MCPGroup (resource specification, section 2). Members point to a group; it does not list them.
enum MCPGroupSchema {
    static let spec = ObjectShape([.optional("description", .text)])
}
