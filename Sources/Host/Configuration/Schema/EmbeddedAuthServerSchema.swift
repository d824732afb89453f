/// The embedded authorization server (resource specification, section 10.2): a block of MCPExternalAuthConfig and of
/// VirtualMCPServer.
enum EmbeddedAuthServerSchema {
    static let block = ObjectShape(
        [
            .optional("allowConfidentialClientRegistration", .boolean, default: "false"),
            .optional("authorizationEndpointBaseUrl", baseURL),
            .optional(
                "baselineClientScopes",
                .list(
                    .text(#"^[\x21\x23-\x5B\x5D-\x7E]+$"#, length: 1...Int.max, hint: "an OAuth scope"), count: 0...10)),
            .optional(
                "cimd",
                .object(
                    .optional("cacheFallbackTtl", .duration), .optional("cacheMaxSize", .positive),
                    .optional("enabled", .boolean, default: "false"))),
            .optional("delegateClients", .list(delegateClient, count: 0...10)),
            .optional("disableUpstreamTokenInjection", .boolean, default: "false"),
            .optional(
                "forceConfidentialRedirectUris",
                .list(.text(#"^https://[^\s?#]+$"#, hint: "an https URL"), count: 0...10)),
            .optional("hmacSecretRefs", .list(SharedBlocks.secretKey)),
            .optional("insecureAllowConfidentialOverLoopbackHTTP", .boolean, default: "false"),
            .optional("insecureAllowHTTP", .boolean, default: "false"), .required("issuer", baseURL),
            .optional("primaryUpstreamProvider", SharedBlocks.providerName),
            .optional("signingKeySecretRefs", .list(SharedBlocks.secretKey, count: 0...5)),
            .optional("storage", storage),
            .optional(
                "tokenLifespans",
                .object(
                    .optional("accessTokenLifespan", .duration), .optional("authCodeLifespan", .duration),
                    .optional("refreshTokenLifespan", .duration))),
            .optional("trustedIssuers", .list(.object(TrustedIssuerSchema.block), count: 0...20)),
            .required(
                "upstreamProviders", .list(.object(UpstreamProviderSchema.block), count: 1...Int.max, uniqueBy: "name")),
        ], rules: [confidentialNeedsTLS, delegatesNeedTLS, redirectsNeedRegistration])

    private static let baseURL = Shape.text(
        #"^https?://[^\s?#]+[^/\s?#]$"#, hint: "an http(s) URL without query and final slash")

    private static let delegateClient = Shape.object(
        .required("audiences", .list(.text(length: 1...2048), count: 1...10)),
        .required("clientId", .text(length: 1...256)), .required("clientSecretRef", SharedBlocks.secretKey),
        .required("scopes", .list(.text(length: 1...256), count: 1...10)))

    private static let tls = Shape.object(
        .optional("caCertSecretRef", SharedBlocks.secretKey), .optional("insecureSkipVerify", .boolean))

    private static let storage = Shape.object(
        .optional("type", .oneOf("memory", "redis"), default: "memory"),
        .optional(
            "redis",
            .object(
                ObjectShape(
                    [
                        .required(
                            "aclUserConfig",
                            .object(
                                .required("passwordSecretRef", SharedBlocks.secretKey),
                                .optional("usernameSecretRef", SharedBlocks.secretKey))),
                        .optional("addr", .text), .optional("clusterMode", .boolean),
                        .optional("dialTimeout", .duration, default: "5s"),
                        .optional("readTimeout", .duration, default: "3s"),
                        .optional(
                            "sentinelConfig",
                            .object(
                                .optional("db", .int32, default: "0"), .required("masterName", .text),
                                .optional("sentinelAddrs", .texts),
                                .optional(
                                    "sentinelService",
                                    .object(
                                        .required("name", .text), .optional("namespace", .text),
                                        .optional("port", .int32, default: "26379"))))),
                        .optional("sentinelTls", tls), .optional("tls", tls),
                        .optional("writeTimeout", .duration, default: "3s"),
                    ],
                    rules: [SharedRules.exactlyOne(of: "addr", "sentinelConfig"), clusterNeedsAddress]))))

    private static let clusterNeedsAddress: ObjectShape.Rule = { value, validation in
        if let mode = value["clusterMode"], mode.boolean == true, value["addr"]?.text?.isEmpty ?? true {
            validation.log.error(at: mode, "expected `addr` with `clusterMode`, found none; name the cluster's address")
        }
    }

    private static let confidentialNeedsTLS: ObjectShape.Rule = { value, validation in
        guard value["allowConfidentialClientRegistration"]?.boolean == true, let http = value["insecureAllowHTTP"],
            http.boolean == true
        else { return }
        validation.log.error(
            at: http,
            "expected TLS with `allowConfidentialClientRegistration`, found `insecureAllowHTTP`; switch one off")
    }

    private static let delegatesNeedTLS: ObjectShape.Rule = { value, validation in
        guard let clients = value["delegateClients"], !clients.items.isEmpty,
            value["issuer"]?.text?.hasPrefix("http://") == true
        else { return }
        validation.log.error(at: clients, "expected an https issuer with delegate clients, found http; change `issuer`")
    }

    private static let redirectsNeedRegistration: ObjectShape.Rule = { value, validation in
        guard let redirects = value["forceConfidentialRedirectUris"], !redirects.items.isEmpty,
            value["allowConfidentialClientRegistration"]?.boolean != true
        else { return }
        validation.log.error(
            at: redirects, "expected `allowConfidentialClientRegistration: true` beside it, found it off; switch it on")
    }
}
