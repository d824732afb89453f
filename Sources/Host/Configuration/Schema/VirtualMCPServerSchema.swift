/// VirtualMCPServer (resource specification, section 7).
enum VirtualMCPServerSchema {
    static let spec = ObjectShape(
        [
            .optional("authServerConfig", .object(EmbeddedAuthServerSchema.block)),
            .optional("config", .object(VMCPDocumentSchema.resourceConfig)),
            .optional("embeddingServerRef", SharedBlocks.reference("EmbeddingServer", minimumLength: 0)),
            .required("groupRef", SharedBlocks.groupRef), .optional("imagePullSecrets", SharedBlocks.imagePullSecrets),
            .required("incomingAuth", incomingAuth), .optional("outgoingAuth", outgoingAuth),
            .optional("passthroughHeaders", .texts), .optional("podTemplateSpec", .freeObject),
            .optional("replicas", .nonNegative), .optional("serviceAccount", .text),
            .optional("serviceType", .oneOf("ClusterIP", "NodePort", "LoadBalancer"), default: "ClusterIP"),
            .optional("sessionAffinity", .oneOf("ClientIP", "None"), default: "ClientIP"),
            .optional("sessionStorage", SharedBlocks.sessionStorage),
            .optional("telemetryConfigRef", SharedBlocks.telemetryConfigRef),
        ], rules: [VirtualMCPServerRules.check])

    private static let incomingAuth = Shape.object(
        ObjectShape(
            [
                .required("type", .oneOf("anonymous", "oidc")), .optional("authzConfig", SharedBlocks.authzConfig),
                .optional("authzConfigRef", SharedBlocks.authzConfigRef),
                .optional("oidcConfigRef", SharedBlocks.oidcConfigRef),
            ],
            rules: [SharedRules.exclusive("authzConfig", "authzConfigRef"), VirtualMCPServerRules.oidcNeedsReference]))

    private static let strategy = Shape.object(
        ObjectShape(
            [
                .required("type", .oneOf("discovered", "externalAuthConfigRef")),
                .optional("externalAuthConfigRef", SharedBlocks.externalAuthConfigRef),
            ], rules: [SharedRules.variant("externalAuthConfigRef")]))

    private static let outgoingAuth = Shape.object(
        .optional("source", .oneOf("discovered", "inline"), default: "discovered"), .optional("default", strategy),
        .optional("backends", .map(strategy)))
}
