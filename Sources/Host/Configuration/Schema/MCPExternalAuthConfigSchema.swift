/// MCPExternalAuthConfig (resource specification, section 10.1).
enum MCPExternalAuthConfigSchema {
    static let spec = ObjectShape(
        [
            .required("type", .text), .optional("awsSts", awsSts),
            .optional("bearerToken", .object(.required("tokenSecretRef", SharedBlocks.secretKey))),
            .optional("clientCredentials", clientCredentials),
            // The settings of a type that only a plugin knows.
            .optional("config", .freeObject),
            .optional("embeddedAuthServer", .object(EmbeddedAuthServerSchema.block)),
            .optional(
                "headerInjection",
                .object(
                    .required("headerName", .text(length: 1...Int.max)),
                    .required("valueSecretRef", SharedBlocks.secretKey))),
            .optional("obo", obo), .optional("tokenExchange", tokenExchange),
            .optional("upstreamInject", .object(.required("providerName", .text(length: 1...Int.max)))),
            .optional("xaa", xaa),
        ],
        rules: types.map { SharedRules.variant($0) } + [
            enterprise, SharedRules.strategyType(types + ["unauthenticated"]), pluginReferences,
        ])

    /// The types that have a block of their own name.
    private static let types = [
        "tokenExchange", "headerInjection", "bearerToken", "clientCredentials", "embeddedAuthServer", "awsSts",
        "upstreamInject", "obo", "xaa",
    ]

    private static let pluginReferences: ObjectShape.Rule = { spec, validation in
        PluginReferences.note(spec["config"], validation: validation)
    }

    /// RFC 6749, section 4.4: a type that ToolHive does not have.
    private static let clientCredentials = Shape.object(
        ObjectShape(
            [
                .optional("audience", .text), .required("clientId", .text(length: 1...Int.max)),
                .required("clientSecretRef", SharedBlocks.secretKey), issuer, .optional("resource", .text),
                .optional("scopes", .texts), .optional("tokenUrl", .text),
            ], rules: [SharedRules.tokenEndpoint]))

    /// Ours: instead of `tokenUrl`, which the backend's metadata lead to then.
    static let issuer = Field.optional(
        "issuer", .text(#"^https?://[^\s?#@]+$"#, hint: "an http(s) URL without a query"))

    private static let arn = Shape.text(
        #"^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:role/[\w+=,.@\-_/]+$"#,
        hint: "a role ARN such as arn:aws:iam::123456789012:role/name")

    private static let awsSts = Shape.object(
        ObjectShape(
            [
                .optional("fallbackRoleArn", arn),
                .required(
                    "region",
                    .text(#"^[a-z]{2}(-[a-z]+)+-\d+$"#, length: 1...Int.max, hint: "a region such as eu-west-1")),
                .optional("roleClaim", .text, default: "groups"),
                .optional(
                    "roleMappings",
                    .list(
                        .object(
                            ObjectShape(
                                [
                                    .optional("claim", .text(length: 1...Int.max)),
                                    .optional("matcher", .text(length: 1...Int.max)),
                                    .optional("priority", .nonNegative), .required("roleArn", arn),
                                ], rules: [SharedRules.exactlyOne(of: "claim", "matcher"), SharedRules.matcher])))),
                .optional("service", .text, default: "aws-mcp"),
                .optional("sessionDuration", .integer(900...43200), default: "3600"),
                .optional("sessionNameClaim", .text, default: "sub"), .optional("subjectProviderName", .text),
                // Ours: for an endpoint of one's own network.
                .optional("stsEndpoint", .text("^https?://", hint: "an http(s) URL")),
            ], rules: [someRole]))

    /// Somebody must be assumed.
    static let someRole: ObjectShape.Rule = { value, validation in
        if value["fallbackRoleArn"]?.text?.isEmpty ?? true, value["roleMappings"]?.items.isEmpty ?? true {
            validation.log.error(
                at: value, "expected `fallbackRoleArn` or `roleMappings`, found neither; name a role to assume")
        }
    }

    private static let obo = Shape.object(
        .optional("audience", .text),
        .optional("authority", .text(#"^https://[^\s?#@]+[^/\s?#@]$"#, hint: "an https URL without a final slash")),
        .optional("cacheSkew", .duration), .optional("clientId", .text),
        .optional("clientSecretRef", SharedBlocks.secretKey),
        .optional("scopes", .list(.text(length: 1...256), count: 0...20)),
        .optional("subjectTokenProviderName", SharedBlocks.providerName),
        .optional(
            "tenantId",
            .text(
                #"^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,})$"#,
                length: 0...253, hint: "a tenant's UUID or domain")))

    private static let tokenExchange = Shape.object(
        ObjectShape(
            [
                .required("audience", .text), .optional("clientId", .text),
                .optional("clientSecretRef", SharedBlocks.secretKey), .optional("externalTokenHeaderName", .text),
                issuer, .optional("resource", .text), .optional("scopes", .texts),
                .optional("subjectProviderName", .text),
                .optional(
                    "subjectTokenType",
                    .text(
                        "^(access_token|id_token|jwt|urn:ietf:params:oauth:token-type:(access_token|id_token|jwt))?$",
                        hint: "access_token, id_token, jwt, or the URN of one of them")),
                .optional("tokenUrl", .text),
            ], rules: [SharedRules.tokenEndpoint]))

    private static let xaa = Shape.object(
        .optional("idpClientId", .text), .optional("idpClientSecretRef", SharedBlocks.secretKey),
        .required("idpTokenUrl", .text("^https://.*$", hint: "an https URL")),
        .optional("insecureTargetTokenUrl", .boolean), .optional("scopes", .texts),
        .optional("subjectProviderName", .text),
        .optional("subjectTokenType", .oneOf("urn:ietf:params:oauth:token-type:id_token")),
        .required("targetAudience", .text), .optional("targetClientId", .text),
        .optional("targetClientSecretRef", SharedBlocks.secretKey), .optional("targetResource", .text),
        .required("targetTokenUrl", .text))

    /// The open-source reference marks this type invalid (reason `EnterpriseRequired`); we say so and keep the file.
    private static let enterprise: ObjectShape.Rule = { spec, validation in
        guard let type = spec["type"], type.text == "obo" else { return }
        validation.log.warning(at: type, "is marked invalid by the open-source ToolHive operator (EnterpriseRequired)")
    }
}
