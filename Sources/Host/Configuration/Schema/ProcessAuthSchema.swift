/// `incomingAuth` and `outgoingAuth` of the vMCP document (resource specification, section 16).
enum ProcessAuthSchema {
    static let incoming = Shape.object(
        .required("type", .oneOf("oidc", "anonymous", "local")),
        .optional(
            "authz",
            .object(
                .required("type", .oneOf("cedar", "none")), .optional("entitiesJson", .text),
                .optional("groupClaimName", .text), .optional("groupEntityType", .text), .optional("policies", .texts),
                .optional("primaryUpstreamProvider", .text), .optional("roleClaimName", .text))),
        .optional(
            "oidc",
            .object(
                .required("audience", .text), .optional("caBundlePath", .text),
                // The specification calls it required, and the reference does not enforce it.
                .optional("clientId", .text), .optional("clientSecretEnv", .text), .optional("clientSecretFile", .text),
                .optional("insecureAllowHttp", .boolean), .optional("introspectionUrl", .text),
                .required("issuer", .text("^https?://", hint: "an http(s) URL")),
                .optional("jwksAllowPrivateIp", .boolean), .optional("jwksUrl", .text),
                .optional("protectedResourceAllowPrivateIp", .boolean), .optional("resource", .text),
                .optional("scopes", .texts))))

    static let outgoing = Shape.object(
        .required("source", .oneOf("inline", "discovered")), .optional("default", .object(strategy)),
        .optional("backends", .map(.object(strategy))))

    /// The block that belongs to each type of strategy; `unauthenticated` has none.
    static let blocks = [
        "header_injection": "headerInjection", "bearer_token": "bearerToken",
        "client_credentials": "clientCredentials", "token_exchange": "tokenExchange",
        "upstream_inject": "upstreamInject", "aws_sts": "awsSts", "obo": "obo", "xaa": "xaa",
    ]

    static let strategy = ObjectShape(
        [
            .required("type", .text), .optional("awsSts", awsSts),
            .optional(
                "bearerToken",
                .object(.optional("token", .secretText), .optional("tokenEnv", .text), .optional("tokenFile", .text))),
            .optional("clientCredentials", clientCredentials),
            // The settings of a type that only a plugin knows.
            .optional("config", .freeObject),
            .optional(
                "headerInjection",
                .object(
                    .required("headerName", .text), .optional("headerValue", .secretText),
                    .optional("headerValueEnv", .text), .optional("headerValueFile", .text))),
            .optional("obo", obo), .optional("tokenExchange", tokenExchange),
            .optional("upstreamInject", .object(.required("providerName", .text))), .optional("xaa", xaa),
        ], rules: [SharedRules.strategyType(["unauthenticated"] + blocks.keys.sorted())])

    private static let clientCredentials = Shape.object(
        ObjectShape(
            [
                .optional("audience", .text), .required("clientId", .text), .optional("clientSecret", .secretText),
                .optional("clientSecretEnv", .text), .optional("clientSecretFile", .text),
                MCPExternalAuthConfigSchema.issuer, .optional("resource", .text),
                .optional("scopes", .texts), .optional("tokenUrl", .text),
            ], rules: [SharedRules.tokenEndpoint]))

    private static let awsSts = Shape.object(
        ObjectShape(
            [
                .optional("fallbackRoleArn", .text), .required("region", .text),
                .optional("roleClaim", .text, default: "groups"),
                .optional(
                    "roleMappings",
                    .list(
                        .object(
                            ObjectShape(
                                [
                                    .optional("claim", .text), .optional("matcher", .text),
                                    .optional("priority", .int32),
                                    .required("roleArn", .text),
                                ], rules: [SharedRules.exactlyOne(of: "claim", "matcher"), SharedRules.matcher])))),
                .optional("service", .text, default: "aws-mcp"),
                .optional("sessionDuration", .integer(900...43200), default: "3600"),
                .optional("sessionNameClaim", .text, default: "sub"), .optional("subjectProviderName", .text),
                // Ours: for an endpoint of one's own network.
                .optional("stsEndpoint", .text("^https?://", hint: "an http(s) URL")),
            ], rules: [MCPExternalAuthConfigSchema.someRole]))

    private static let obo = Shape.object(
        .optional("audience", .text), .optional("cacheSkewSeconds", .int32), .optional("clientId", .text),
        .optional("clientSecret", .secretText), .optional("clientSecretEnv", .text),
        .optional("clientSecretFile", .text), .optional("scopes", .texts),
        .optional("subjectTokenProviderName", .text), .required("tokenUrl", .text))

    private static let tokenExchange = Shape.object(
        ObjectShape(
            [
                .optional("audience", .text), .optional("clientId", .text), .optional("clientSecret", .secretText),
                .optional("clientSecretEnv", .text), .optional("clientSecretFile", .text),
                MCPExternalAuthConfigSchema.issuer, .optional("resource", .text),
                .optional("scopes", .texts), .optional("subjectProviderName", .text),
                .optional("subjectTokenType", .text), .optional("tokenUrl", .text),
            ], rules: [SharedRules.tokenEndpoint]))

    private static let xaa = Shape.object(
        .optional("idpClientId", .text), .optional("idpClientSecret", .secretText),
        .optional("idpClientSecretEnv", .text), .optional("idpClientSecretFile", .text),
        .required("idpTokenUrl", .text), .optional("insecureTargetTokenUrl", .boolean), .optional("scopes", .texts),
        .optional("subjectProviderName", .text),
        .optional("subjectTokenType", .oneOf("urn:ietf:params:oauth:token-type:id_token", "")),
        .required("targetAudience", .text), .optional("targetClientId", .text),
        .optional("targetClientSecret", .secretText), .optional("targetClientSecretEnv", .text),
        .optional("targetClientSecretFile", .text),
        .optional("targetResource", .text), .required("targetTokenUrl", .text))
}
