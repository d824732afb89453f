/// MCPToolConfig (resource specification, section 14), and the blocks it shares with the vMCP document.
enum MCPToolConfigSchema {
    static let spec = ObjectShape([
        .optional("toolsFilter", .textSet), .optional("toolsOverride", .map(overrideEntry)),
    ])

    /// New values for one tool. All may be absent or any subset given: hints alone are a valid override, which the
    /// reference refuses by mistake.
    static let overrideEntry = Shape.object(
        .optional("annotations", annotations), .optional("description", .text), .optional("name", .text))

    static let annotations = Shape.object(
        .optional("destructiveHint", .boolean), .optional("idempotentHint", .boolean),
        .optional("openWorldHint", .boolean), .optional("readOnlyHint", .boolean), .optional("title", .text))
}
