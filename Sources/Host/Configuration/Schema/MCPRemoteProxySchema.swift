/// MCPRemoteProxy (resource specification, section 5).
enum MCPRemoteProxySchema {
    static let spec = ObjectShape(
        SharedBlocks.workload + [
            .optional("allowPrivateEndpoint", .boolean, default: "false"),
            .optional("headerForward", SharedBlocks.headerForward),
            .required("remoteUrl", RemoteURL.shape),
            .optional("transport", .oneOf("sse", "streamable-http"), default: "streamable-http"),
        ], rules: [SharedRules.workload, RemoteURL.rule])
}
