import Testing

@testable import HostConfiguration

@Suite("Violations of the authentication kinds")
struct AuthenticationViolationTests {
    private static func config(_ title: String, _ spec: String, _ path: String, _ fragment: String) -> Violation {
        .spec("MCPExternalAuthConfig", title, spec, path, fragment)
    }

    static let external: [Violation] = [
        config("unknown type", "type: basic #!", "spec.type", "expected one of tokenExchange"),
        config("no block", "type: upstreamInject", "spec.upstreamInject", "`type: upstreamInject` needs it"),
        config(
            "foreign block", "type: unauthenticated\nupstreamInject: {providerName: a} #!", "spec.upstreamInject",
            "with `type: upstreamInject` only"),
        config(
            "two blocks",
            "type: upstreamInject\nupstreamInject: {providerName: a}\nbearerToken: {tokenSecretRef: {name: keys, key: token}} #!",
            "spec.bearerToken", "with `type: bearerToken` only"),
        config(
            "no role", "type: awsSts\nawsSts: {region: eu-west-1} #!", "spec.awsSts",
            "`fallbackRoleArn` or `roleMappings`"),
        config(
            "region", "type: awsSts\nawsSts:\n  fallbackRoleArn: arn:aws:iam::123456789012:role/a\n  region: Europe #!",
            "spec.awsSts.region", "eu-west-1"),
        config(
            "role", "type: awsSts\nawsSts:\n  region: eu-west-1\n  fallbackRoleArn: arn:aws:iam::1:role/a #!",
            "spec.awsSts.fallbackRoleArn", "role ARN"),
        config(
            "claim and matcher",
            "type: awsSts\nawsSts:\n  region: eu-west-1\n  roleMappings:\n    - {claim: a, matcher: \"has(claims.b)\", roleArn: \"arn:aws:iam::123456789012:role/a\"} #!",
            "spec.awsSts.roleMappings[0]", "found `claim` and `matcher`"),
        config(
            "neither claim nor matcher",
            "type: awsSts\nawsSts:\n  region: eu-west-1\n  roleMappings:\n    - {roleArn: \"arn:aws:iam::123456789012:role/a\"} #!",
            "spec.awsSts.roleMappings[0]", "found none"),
        config(
            "matcher",
            "type: awsSts\nawsSts:\n  region: eu-west-1\n  roleMappings:\n    - {matcher: \"size(claims.groups) > 1\", roleArn: \"arn:aws:iam::123456789012:role/a\"} #!",
            "spec.awsSts.roleMappings[0].matcher", "`size` at byte 0 is not supported here"),
        config(
            "session too short",
            "type: awsSts\nawsSts:\n  region: eu-west-1\n  fallbackRoleArn: arn:aws:iam::123456789012:role/a\n  sessionDuration: 899 #!",
            "spec.awsSts.sessionDuration", "from 900 to 43200"),
        config(
            "session too long",
            "type: awsSts\nawsSts:\n  region: eu-west-1\n  fallbackRoleArn: arn:aws:iam::123456789012:role/a\n  sessionDuration: 43201 #!",
            "spec.awsSts.sessionDuration", "from 900 to 43200"),
        config(
            "token type",
            "type: tokenExchange\ntokenExchange:\n  audience: a\n  tokenUrl: https://x\n  subjectTokenType: saml #!",
            "spec.tokenExchange.subjectTokenType", "access_token"),
        config(
            "no audience", "type: tokenExchange\ntokenExchange: #!\n  tokenUrl: https://x",
            "spec.tokenExchange.audience", "required"),
        config(
            "header from nowhere",
            "type: headerInjection\nheaderInjection: {headerName: A, valueSecretRef: {name: gone, key: a}} #!",
            "spec.headerInjection.valueSecretRef.name", "expected Secret `gone`"),
        config("tenant", "type: obo\nobo: {tenantId: \"a b\"} #!", "spec.obo.tenantId", "UUID or domain"),
        config(
            "scopes", "type: obo\nobo:\n  scopes: [\(Array(repeating: "a", count: 21).joined(separator: ", "))] #!",
            "spec.obo.scopes", "at most 20 items"),
        config(
            "plain identity provider",
            "type: xaa\nxaa:\n  targetAudience: a\n  targetTokenUrl: https://x\n  idpTokenUrl: http://x #!",
            "spec.xaa.idpTokenUrl", "https URL"),
        .spec("MCPOIDCConfig", "no block", "type: inline", "spec.inline", "`type: inline` needs it"),
        .spec(
            "MCPOIDCConfig", "foreign block", "type: inline\ninline: {issuer: a}\nkubernetesServiceAccount: {} #!",
            "spec.kubernetesServiceAccount", "only"),
        .spec("MCPOIDCConfig", "no issuer", "type: inline\ninline: {clientId: a} #!", "spec.inline.issuer", "required"),
        .spec("MCPAuthzConfig", "no document", "type: cedarv1", "spec.config", "required"),
        .spec("MCPAuthzConfig", "empty type", "config: {}\ntype: \"\" #!", "spec.type", "at least 1 character"),
    ]

    private static func server(
        _ title: String, _ more: String, _ path: String, _ fragment: String,
        providers: String = "[{name: a, type: oidc, oidcConfig: {clientId: c, issuerUrl: \"https://x\"}}]",
        issuer: String = "https://auth.example.com"
    ) -> Violation {
        var spec = "type: embeddedAuthServer\nembeddedAuthServer:\n  issuer: \(issuer)\n"
        if !providers.isEmpty { spec += "  upstreamProviders: \(providers)\n" }
        return .spec(
            "MCPExternalAuthConfig", title, spec + indented(more), "spec.embeddedAuthServer" + path, fragment)
    }

    private static func issuer(_ title: String, _ fields: String, _ path: String, _ fragment: String) -> Violation {
        server(
            title, "trustedIssuers:\n  - {issuerUrl: \"https://p\", \(fields)} #!", ".trustedIssuers[0]\(path)",
            fragment)
    }

    private static func provider(_ title: String, _ config: String, _ path: String, _ fragment: String) -> Violation {
        server(
            title, "upstreamProviders:\n  - {name: a, \(config)} #!", ".upstreamProviders[0]\(path)", fragment,
            providers: "")
    }

    private static let endpoints = "authorizationEndpoint: \"https://a\", tokenEndpoint: \"https://b\""

    static let embedded: [Violation] = [
        server(
            "registration without TLS", "allowConfidentialClientRegistration: true\ninsecureAllowHTTP: true #!",
            ".insecureAllowHTTP", "switch one off"),
        server(
            "delegates without TLS",
            "delegateClients: [{audiences: [a], clientId: c, clientSecretRef: {name: keys, key: token}, scopes: [s]}] #!",
            ".delegateClients", "https issuer", issuer: "http://auth.example.com"),
        server(
            "redirects without registration", "forceConfidentialRedirectUris: [\"https://a/b\"] #!",
            ".forceConfidentialRedirectUris", "allowConfidentialClientRegistration"),
        server("issuer with a slash", "cimd: {}", ".issuer", "final slash", issuer: "https://auth.example.com/ #!"),
        server("no provider", "upstreamProviders: [] #!", ".upstreamProviders", "at least 1 item", providers: ""),
        provider(
            "foreign provider block", "type: oidc, oauth2Config: {clientId: c, \(endpoints)}", ".oidcConfig", "needs it"
        ),
        provider(
            "provider of both blocks",
            "type: oauth2, oidcConfig: {clientId: c, issuerUrl: \"https://x\"}, oauth2Config: {clientId: c, \(endpoints)}",
            ".oidcConfig", "only"),
        provider(
            "no client", "type: oauth2, oauth2Config: {\(endpoints)}", ".oauth2Config",
            "exactly one of `clientId`, `dcrConfig`"),
        provider(
            "client and registration",
            "type: oauth2, oauth2Config: {clientId: c, dcrConfig: {discoveryUrl: \"https://abc\"}, \(endpoints)}",
            ".oauth2Config", "exactly one of `clientId`, `dcrConfig`"),
        provider(
            "secret and registration",
            "type: oauth2, oauth2Config: {clientSecretRef: {name: keys, key: token}, dcrConfig: {discoveryUrl: \"https://abc\"}, \(endpoints)}",
            ".oauth2Config.clientSecretRef", "mutually exclusive"),
        provider(
            "two ways to register",
            "type: oauth2, oauth2Config: {dcrConfig: {discoveryUrl: \"https://abc\", registrationEndpoint: \"https://abc\"}, \(endpoints)}",
            ".oauth2Config.dcrConfig", "exactly one"),
        server(
            "provider twice",
            "upstreamProviders:\n  - {name: a, type: oidc, oidcConfig: {clientId: c, issuerUrl: \"https://x\"}}\n  - {name: a, type: oidc, oidcConfig: {clientId: c, issuerUrl: \"https://x\"}} #!",
            ".upstreamProviders[1].name", "found \"a\" again", providers: ""),
        server(
            "Redis at two addresses",
            "storage: {type: redis, redis: {aclUserConfig: {passwordSecretRef: {name: keys, key: token}}, addr: a, sentinelConfig: {masterName: m}}} #!",
            ".storage.redis", "exactly one of `addr`, `sentinelConfig`"),
        server(
            "Redis without address",
            "storage: {type: redis, redis: {aclUserConfig: {passwordSecretRef: {name: keys, key: token}}}} #!",
            ".storage.redis", "found none"),
        server(
            "cluster without address",
            "storage: {type: redis, redis: {aclUserConfig: {passwordSecretRef: {name: keys, key: token}}, clusterMode: true, sentinelConfig: {masterName: m}}} #!",
            ".storage.redis.clusterMode", "expected `addr`"),
        issuer(
            "wildcard and client", "expectedAudience: a, allowedDelegateClients: [\"*\", c]", ".allowedDelegateClients",
            "found both"),
        issuer(
            "may act for everybody", "expectedAudience: a, allowedDelegateClients: [\"*\"], allowMayAct: true",
            ".allowMayAct", "found `*`"),
        issuer(
            "reserved claim", "expectedAudience: a, allowedDelegateClients: [c], actorClaim: sub", ".actorClaim",
            "reserved claim `sub`"),
        issuer(
            "private addresses without keys", "expectedAudience: a, allowedDelegateClients: [c], allowPrivateIPs: true",
            ".allowPrivateIPs", "jwksUrl"),
        issuer("no audience", "allowedDelegateClients: [c]", ".expectedAudience", "audience"),
        issuer("no clients", "expectedAudience: a", ".allowedDelegateClients", "name them"),
        issuer(
            "assertion of no age",
            "jwtBearerGrant: {maxAssertionAge: 0s, subjectBindings: [{allowedResources: [\"https://a\"], subject: a}]}",
            ".jwtBearerGrant.maxAssertionAge", "greater than 0"),
        issuer(
            "subject twice",
            "jwtBearerGrant: {maxAssertionAge: 1s, subjectBindings: [{allowedResources: [\"https://a\"], subject: a}, {allowedResources: [\"https://a\"], subject: a}]}",
            ".jwtBearerGrant.subjectBindings[1].subject", "found \"a\" again"),
    ]

    @Test("Is rejected with its place", arguments: external + embedded)
    func rejected(violation: Violation) throws { try violation.check() }
}
