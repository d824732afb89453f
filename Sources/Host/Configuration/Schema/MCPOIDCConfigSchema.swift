/// MCPOIDCConfig (resource specification, section 11).
enum MCPOIDCConfigSchema {
    static let spec = ObjectShape(
        [
            .required("type", .oneOf("kubernetesServiceAccount", "inline")),
            .optional(
                "inline",
                .object(
                    .optional("caBundleRef", SharedBlocks.caBundle), .optional("clientId", .text),
                    .optional("clientSecretRef", SharedBlocks.secretKey),
                    .optional("insecureAllowHTTP", .boolean, default: "false"),
                    .optional("introspectionUrl", .text), .required("issuer", .text),
                    .optional("jwksAllowPrivateIP", .boolean, default: "false"),
                    .optional("jwksAuthTokenPath", .text), .optional("jwksUrl", .text),
                    .optional("protectedResourceAllowPrivateIP", .boolean, default: "false"))),
            .optional(
                "kubernetesServiceAccount",
                .object(
                    .optional("introspectionUrl", .text),
                    .optional("issuer", .text, default: "https://kubernetes.default.svc"),
                    .optional("jwksUrl", .text), .optional("namespace", .text), .optional("serviceAccount", .text),
                    .optional("useClusterAuth", .boolean, default: "true"))),
        ], rules: [SharedRules.variant("inline"), SharedRules.variant("kubernetesServiceAccount")])
}
