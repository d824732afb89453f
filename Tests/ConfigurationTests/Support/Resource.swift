/// A resource document with a `spec` given as YAML.
func resource(_ kind: String, _ name: String = "example", spec: String = "", version: String = "v1beta1") -> String {
    let header = """
        apiVersion: toolhive.stacklok.dev/\(version)
        kind: \(kind)
        metadata:
          name: \(name)
        """
    guard !spec.isEmpty else { return header + "\n" }
    return header + "\nspec:\n" + indented(spec) + "\n"
}

/// Every line two columns further right.
func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  " + $0 }
        .joined(separator: "\n")
}

/// Several documents as one file.
func documents(_ texts: String...) -> String { texts.joined(separator: "---\n") }

/// What most resources refer to: a group, a server for it, and everything that references name.
let surroundings = documents(
    resource("MCPGroup", "tools"),
    resource("VirtualMCPServer", "front", spec: "groupRef: {name: tools}\nincomingAuth: {type: anonymous}"),
    resource("MCPToolConfig", "shared-tools", spec: "toolsFilter: [a]"),
    resource("MCPExternalAuthConfig", "no-auth", spec: "type: unauthenticated"),
    resource(
        "MCPExternalAuthConfig", "auth-server",
        spec: """
            type: embeddedAuthServer
            embeddedAuthServer:
              issuer: https://auth.example.com
              upstreamProviders:
                - name: main
                  type: oidc
                  oidcConfig: {clientId: gateway, issuerUrl: "https://id.example.com"}
            """),
    resource("MCPOIDCConfig", "oidc", spec: "type: inline\ninline: {issuer: \"https://id.example.com\"}"),
    resource("MCPAuthzConfig", "policies", spec: "type: cedarv1\nconfig: {policies: []}"),
    resource("MCPTelemetryConfig", "telemetry", spec: "prometheus: {enabled: false}"),
    resource("EmbeddingServer", "embedding"),
    resource(
        "VirtualMCPCompositeToolDefinition", "flow",
        spec: "name: flow\ndescription: A flow.\nsteps: [{id: one, tool: a_b}]"),
    """
    apiVersion: v1
    kind: Secret
    metadata: {name: keys}
    data: {token: c2VjcmV0}
    stringData: {password: hunter2}

    """,
    """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: texts}
    data: {ca.crt: PEM, authz.json: "{}", profile: "{}"}

    """)
