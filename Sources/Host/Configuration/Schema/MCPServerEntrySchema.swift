/// MCPServerEntry (resource specification, section 6): a remote server that is contacted directly.
enum MCPServerEntrySchema {
    static let spec = ObjectShape(
        [
            .optional("allowPrivateEndpoint", .boolean, default: "false"),
            .optional("caBundleRef", SharedBlocks.caBundle),
            .optional("externalAuthConfigRef", SharedBlocks.externalAuthConfigRef),
            .required("groupRef", SharedBlocks.groupRef), .optional("headerForward", SharedBlocks.headerForward),
            .required("remoteUrl", RemoteURL.shape),
            // No default on purpose: a wrong guess would look like a broken server.
            .required("transport", .oneOf("sse", "streamable-http")),
        ], rules: [RemoteURL.rule])
}
