/// An identity provider behind the embedded authorization server (resource specification, section 10.2).
enum UpstreamProviderSchema {
    static let block = ObjectShape(
        [
            .required("name", SharedBlocks.providerName), .required("type", .oneOf("oidc", "oauth2")),
            .optional("oauth2Config", oauth2), .optional("oidcConfig", oidc),
        ],
        rules: [SharedRules.variant("oidc", block: "oidcConfig"), SharedRules.variant("oauth2", block: "oauth2Config")])

    private static let url = Shape.text("^https?://.*$", hint: "an http(s) URL")
    private static let secureURL = Shape.text(#"^https://[^\s?#]+[^/\s?#]$"#, length: 0...2048, hint: "an https URL")

    private static let userInfo = Shape.object(
        .optional("additionalHeaders", .secretTextMap), .required("endpointUrl", url),
        .optional(
            "fieldMapping",
            .object(
                .optional("emailFields", .texts), .optional("nameFields", .texts), .optional("subjectFields", .texts))),
        .optional("httpMethod", .oneOf("GET", "POST")))

    private static let oidc = Shape.object(
        .optional("additionalAuthorizationParams", .map(.text, limit: 16)), .required("clientId", .text),
        .optional("clientSecretRef", SharedBlocks.secretKey),
        .required("issuerUrl", .text("^https://.*$", hint: "an https URL")), .optional("redirectUri", .text),
        .optional("scopes", .texts),
        .optional("subjectClaim", .text("^([a-zA-Z_][a-zA-Z0-9_]*)?$", length: 0...128, hint: "the name of a claim")),
        .optional("userInfoOverride", userInfo))

    private static let path = Shape.text(length: 1...256)

    private static let oauth2 = Shape.object(
        ObjectShape(
            [
                .optional("additionalAuthorizationParams", .map(.text, limit: 16)),
                .optional("allowPrivateIPs", .boolean),
                .required("authorizationEndpoint", url), .optional("clientId", .text),
                .optional("clientSecretRef", SharedBlocks.secretKey), .optional("dcrConfig", registration),
                .optional(
                    "identityFromToken",
                    .object(.optional("emailPath", path), .optional("namePath", path), .required("subjectPath", path))),
                .optional("insecureAllowHTTP", .boolean), .optional("redirectUri", .text), .optional("scopes", .texts),
                .required("tokenEndpoint", url),
                .optional(
                    "tokenResponseMapping",
                    .object(
                        .required("accessTokenPath", .text(length: 1...Int.max)), .optional("expiresInPath", .text),
                        .optional("refreshTokenPath", .text), .optional("scopePath", .text))),
                .optional("userInfo", userInfo),
            ],
            rules: [
                SharedRules.exactlyOne(of: "clientId", "dcrConfig"),
                SharedRules.exclusive("dcrConfig", "clientSecretRef"),
            ]))

    private static let registration = Shape.object(
        ObjectShape(
            [
                .optional("discoveryUrl", secureURL), .optional("initialAccessTokenRef", SharedBlocks.secretKey),
                .optional("registrationEndpoint", secureURL), .optional("softwareId", .text(length: 0...255)),
                .optional("softwareStatement", .text(length: 0...16384)),
            ], rules: [SharedRules.exactlyOne(of: "discoveryUrl", "registrationEndpoint")]))
}
