/// The blocks that several kinds have in common (resource specification, section 3).
enum SharedBlocks {
    /// The name of another resource of the same namespace.
    static func reference(_ kind: String, _ more: [Field] = [], minimumLength: Int = 1) -> Shape {
        .object(
            ObjectShape(
                [.required("name", .text(length: minimumLength...Int.max))] + more,
                reference: .resource(kind: kind), rules: minimumLength == 0 ? [notEmpty("name")] : []))
    }

    static let secretKey = Shape.object(secretKeyShape)
    static let secretKeyShape = ObjectShape(
        [.required("name", .text), .required("key", .text)], reference: .secretKey,
        rules: [notEmpty("name"), notEmpty("key")])

    /// The selector of a CA bundle; an empty key means `ca.crt`.
    static let caBundle = Shape.object(
        .optional(
            "configMapRef",
            .object(
                ObjectShape(
                    [
                        .required("key", .text), .optional("name", .text, default: ""),
                        .optional("optional", .boolean),
                    ], reference: .configMapKey(default: "ca.crt"), rules: [namedConfigMap]))))

    static let groupRef = reference("MCPGroup")
    static let externalAuthConfigRef = reference("MCPExternalAuthConfig", minimumLength: 0)
    static let toolConfigRef = reference("MCPToolConfig", minimumLength: 0)
    static let authzConfigRef = reference("MCPAuthzConfig")
    static let oidcConfigRef = reference(
        "MCPOIDCConfig",
        [
            .required("audience", .text(length: 1...Int.max)), .optional("resourceUrl", .text),
            .optional("scopes", .texts),
        ])
    static let telemetryConfigRef = reference("MCPTelemetryConfig", [.optional("serviceName", .text)])

    static let authServerRef = Shape.object(
        ObjectShape(
            [
                .optional("kind", .oneOf("MCPExternalAuthConfig"), default: "MCPExternalAuthConfig"),
                .required("name", .text(length: 1...Int.max)),
            ], reference: .resource(kind: "MCPExternalAuthConfig")))

    static let audit = Shape.object(.optional("enabled", .boolean, default: "false"))

    static let authzConfig = Shape.object(
        ObjectShape(
            [
                .optional("type", .oneOf("configMap", "inline"), default: "configMap"),
                .optional(
                    "configMap",
                    .object(
                        ObjectShape(
                            [.required("name", .text), .optional("key", .text, default: "authz.json")],
                            reference: .configMapKey(default: "authz.json"), rules: [notEmpty("name")]))),
                .optional(
                    "inline",
                    .object(
                        .optional("entitiesJson", .text, default: "[]"),
                        .required("policies", .list(.text, count: 1...Int.max)),
                        .optional("primaryUpstreamProvider", providerName))),
                .optional("groupClaimName", .text(length: 0...253)),
                .optional("roleClaimName", .text(length: 0...253)),
                .optional(
                    "groupEntityType",
                    .text("^([A-Za-z_][A-Za-z0-9_]*)?$", length: 0...63, hint: "letters, digits and underscores")),
            ],
            rules: [SharedRules.variant("configMap", default: "configMap"), SharedRules.variant("inline")]))

    /// A name of an upstream provider.
    static let providerName = Shape.text(
        "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", length: 1...63, hint: "lower case letters, digits and inner hyphens")

    private static let bucket = Shape.object(
        .required("maxTokens", .positive), .required("refillPeriod", .duration))

    static let rateLimiting = Shape.object(
        ObjectShape(
            [
                .optional("shared", bucket), .optional("perUser", bucket),
                .optional(
                    "tools",
                    .list(
                        .object(
                            ObjectShape(
                                [
                                    .required("name", .text(length: 1...Int.max)), .optional("shared", bucket),
                                    .optional("perUser", bucket),
                                ], rules: [SharedRules.toolBucket])), uniqueBy: "name")),
            ], rules: [SharedRules.anyBucket]))

    static let environment = Shape.list(
        .object(.required("name", .text(length: 1...Int.max)), .required("value", .secretText)), uniqueBy: "name")

    static let metadataOverrides: [Field] = [.optional("annotations", .textMap), .optional("labels", .textMap)]

    static let podTemplateMetadata = Field.optional(
        "podTemplateMetadataOverrides", .object(ObjectShape(metadataOverrides)))

    static let resourceOverrides = Shape.object(
        .optional(
            "proxyDeployment",
            .object(
                ObjectShape(
                    metadataOverrides + [
                        .optional("env", environment), .optional("imagePullSecrets", imagePullSecrets),
                        podTemplateMetadata,
                    ]))),
        .optional("proxyService", .object(ObjectShape(metadataOverrides))))

    static let imagePullSecrets = Shape.list(.object(.optional("name", .text, default: "")))

    private static let quantities = Shape.object(.optional("cpu", quantity), .optional("memory", quantity))
    private static let quantity = Shape.text(
        #"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+|[KMGTPE]i?|[numk])?$"#,
        hint: "a Kubernetes quantity such as 100m or 128Mi")
    static let resources = Shape.object(.optional("limits", quantities), .optional("requests", quantities))

    static let sessionStorage = Shape.object(
        ObjectShape(
            [
                .required("provider", .oneOf("memory", "redis")),
                .optional("address", .text(length: 1...Int.max)), .optional("db", .nonNegative, default: "0"),
                .optional("keyPrefix", .text), .optional("passwordRef", secretKey),
            ], rules: [SharedRules.redisAddress]))

    static let headerForward = Shape.object(
        ObjectShape(
            [
                .optional("addPlaintextHeaders", .secretTextMap),
                .optional(
                    "addHeadersFromSecret",
                    .list(
                        .object(
                            .required("headerName", .text(length: 1...255)),
                            .required("valueSecretRef", secretKey)), uniqueBy: "headerName")),
            ], rules: [HeaderRules.staticHeaders]))

    /// What every workload with a proxy of its own may say (MCPServer, MCPRemoteProxy).
    static let workload: [Field] = [
        .optional("audit", audit), .optional("authServerRef", authServerRef), .optional("authzConfig", authzConfig),
        .optional("authzConfigRef", authzConfigRef), .optional("endpointPrefix", .text),
        .optional("externalAuthConfigRef", externalAuthConfigRef), .optional("groupRef", groupRef),
        .optional("oidcConfigRef", oidcConfigRef), .optional("podTemplateSpec", .freeObject),
        .optional("proxyPort", .port, default: "8080"), .optional("replicas", .nonNegative),
        .optional("resourceOverrides", resourceOverrides), .optional("resources", resources),
        .optional("serviceAccount", .text),
        .optional("sessionAffinity", .oneOf("ClientIP", "None"), default: "ClientIP"),
        .optional("sessionStorage", sessionStorage), .optional("telemetryConfigRef", telemetryConfigRef),
        .optional("toolConfigRef", toolConfigRef), .optional("trustProxyHeaders", .boolean, default: "false"),
    ]

    /// A reference without a name leads nowhere, whatever the schema permits.
    static func notEmpty(_ key: String) -> ObjectShape.Rule {
        { value, validation in
            guard let text = value[key], text.text == "" else { return }
            validation.log.error(at: text, "expected the \(key) of what is referred to, found empty text")
        }
    }

    /// The schema of Kubernetes lets the name be absent, which would mean no bundle at all.
    private static let namedConfigMap: ObjectShape.Rule = { value, validation in
        guard value["name"]?.text?.isEmpty ?? true else { return }
        validation.log.error(at: value, field: "name", "expected the name of a ConfigMap, found nothing; name it")
    }
}
