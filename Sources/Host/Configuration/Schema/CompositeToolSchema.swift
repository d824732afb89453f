/// A composite tool: `compositeTools[]` of the vMCP document, and the whole `spec` of a
/// VirtualMCPCompositeToolDefinition (resource specification, sections 8, 15 and 16).
enum CompositeToolSchema {
    static let tool = ObjectShape(
        [
            .required("name", .text), .optional("description", .text), .optional("parameters", .freeObject),
            .optional("timeout", .duration, default: "30m"), .required("steps", .list(.object(step), count: 0...100)),
            .optional("output", output), .optional("annotations", MCPToolConfigSchema.annotations),
            .optional("stepAuthorization", .oneOf("caller", "composite"), default: "caller"),
        ], rules: [CompositeToolRules.check])

    static let step = ObjectShape([
        .required("id", .text), .optional("type", .oneOf("tool", "elicitation", "forEach"), default: "tool"),
        .optional("tool", .text), .optional("arguments", .freeObject), .optional("condition", .text),
        .optional("dependsOn", .texts),
        .optional(
            "onError",
            .object(
                .optional("action", .oneOf("abort", "continue", "retry"), default: "abort"),
                .optional("retryCount", .int32), .optional("retryDelay", .duration, default: "1s"))),
        .optional("message", .text), .optional("schema", .freeObject), .optional("onDecline", onAnswer),
        .optional("onCancel", onAnswer), .optional("timeout", .duration, default: "5m"),
        .optional("defaultResults", .anything),
        .optional("collection", .text), .optional("itemVar", .text, default: "item"),
        .optional("maxParallel", .integer(0...50), default: "10"),
        .optional("maxIterations", .integer(0...1000), default: "100"), .optional("step", .freeObject),
    ])

    private static let onAnswer = Shape.object(
        .optional("action", .oneOf("skip_remaining", "abort", "continue"), default: "abort"))

    private static let output = Shape.object(
        .required("properties", .map(.object(property))), .optional("required", .texts))

    static let property = ObjectShape([
        .required("type", .oneOf("string", "integer", "number", "boolean", "object", "array")),
        .optional("description", .text), .optional("value", .text), .optional("properties", .freeObject),
        .optional("default", .anything),
    ])
}
