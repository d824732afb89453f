/// What is known about a resource kind: the shape of its document around and inside `spec`.
enum ResourceSchema {
    static let group = "toolhive.stacklok.dev"
    static let versions = ["\(group)/v1beta1", "\(group)/v1alpha1"]

    /// `spec` by kind, for the kinds of our API group.
    static let specs: [String: ObjectShape] = [
        "MCPGroup": MCPGroupSchema.spec, "MCPServer": MCPServerSchema.spec,
        "MCPRemoteProxy": MCPRemoteProxySchema.spec, "MCPServerEntry": MCPServerEntrySchema.spec,
        "VirtualMCPServer": VirtualMCPServerSchema.spec,
        "VirtualMCPCompositeToolDefinition": CompositeToolSchema.tool, "EmbeddingServer": EmbeddingServerSchema.spec,
        "MCPExternalAuthConfig": MCPExternalAuthConfigSchema.spec, "MCPOIDCConfig": MCPOIDCConfigSchema.spec,
        "MCPAuthzConfig": MCPAuthzConfigSchema.spec, "MCPTelemetryConfig": MCPTelemetryConfigSchema.spec,
        "MCPToolConfig": MCPToolConfigSchema.spec,
    ]

    /// Kinds of the API group that a gateway has no use for; they may lie in the same folder.
    static let unused: Set<String> = ["MCPRegistry", "MCPWebhookConfig"]

    /// Kinds whose members may leave `spec` out, since none of its fields is required.
    private static let specIsOptional: Set<String> = [
        "MCPGroup", "EmbeddingServer", "MCPTelemetryConfig", "MCPToolConfig",
    ]

    /// The whole document of a kind, or `nil` when the kind is not one of ours.
    static func document(of kind: String) -> ObjectShape? {
        switch kind {
        case "Secret": return CoreSchema.secret
        case "ConfigMap": return CoreSchema.configMap
        default:
            guard let spec = specs[kind] else { return nil }
            let field =
                specIsOptional.contains(kind)
                ? Field.optional("spec", .object(spec)) : Field.required("spec", .object(spec))
            return ObjectShape(CoreSchema.header + [field, .optional("status", .anything)])
        }
    }

    /// The document of a kind that only a plugin knows.
    static let pluginDocument = ObjectShape(
        CoreSchema.header + [.optional("spec", .freeObject), .optional("status", .anything)])
}
