extension Examples {
    static let authentication = [
        Example(kind: "MCPExternalAuthConfig", title: "unauthenticated", spec: "type: unauthenticated"),
        Example(
            kind: "MCPExternalAuthConfig", title: "awsSts",
            spec: """
                type: awsSts
                awsSts:
                  fallbackRoleArn: arn:aws:iam::123456789012:role/fallback
                  region: eu-west-1
                  roleClaim: groups
                  roleMappings:
                    - {claim: admins, priority: 1, roleArn: "arn:aws-cn:iam::123456789012:role/path/admin"}
                    - {matcher: "'x' in claims.groups", roleArn: "arn:aws:iam::123456789012:role/x"}
                  service: aws-mcp
                  sessionDuration: 900
                  sessionNameClaim: sub
                  subjectProviderName: main
                """),
        Example(
            kind: "MCPExternalAuthConfig", title: "bearerToken",
            spec: "type: bearerToken\nbearerToken: {tokenSecretRef: {name: keys, key: token}}"),
        Example(
            kind: "MCPExternalAuthConfig", title: "headerInjection",
            spec:
                "type: headerInjection\nheaderInjection: {headerName: X-Key, valueSecretRef: {name: keys, key: token}}"),
        Example(
            kind: "MCPExternalAuthConfig", title: "obo",
            spec: """
                type: obo
                obo:
                  audience: api://x
                  authority: https://login.example.com
                  cacheSkew: 30s
                  clientId: c
                  clientSecretRef: {name: keys, key: token}
                  scopes: [a, b]
                  subjectTokenProviderName: main
                  tenantId: contoso.example.com
                """),
        Example(
            kind: "MCPExternalAuthConfig", title: "tokenExchange",
            spec: """
                type: tokenExchange
                tokenExchange:
                  audience: api
                  clientId: c
                  clientSecretRef: {name: keys, key: token}
                  externalTokenHeaderName: X-Token
                  scopes: [read]
                  subjectProviderName: main
                  subjectTokenType: urn:ietf:params:oauth:token-type:jwt
                  tokenUrl: https://id.example.com/token
                """),
        Example(
            kind: "MCPExternalAuthConfig", title: "upstreamInject",
            spec: "type: upstreamInject\nupstreamInject: {providerName: main}"),
        Example(
            kind: "MCPExternalAuthConfig", title: "xaa",
            spec: """
                type: xaa
                xaa:
                  idpClientId: c
                  idpClientSecretRef: {name: keys, key: token}
                  idpTokenUrl: https://idp.example.com/token
                  insecureTargetTokenUrl: true
                  scopes: [a]
                  subjectProviderName: main
                  subjectTokenType: urn:ietf:params:oauth:token-type:id_token
                  targetAudience: https://target.example.com
                  targetClientId: t
                  targetClientSecretRef: {name: keys, key: token}
                  targetResource: https://target.example.com/mcp
                  targetTokenUrl: http://localhost/token
                """),
        Example(kind: "MCPExternalAuthConfig", title: "embeddedAuthServer", spec: embeddedAuthServer),
        Example(
            kind: "MCPOIDCConfig", title: "inline",
            spec: """
                type: inline
                inline:
                  caBundleRef: {configMapRef: {name: texts, key: ""}}
                  clientId: c
                  clientSecretRef: {name: keys, key: token}
                  insecureAllowHTTP: true
                  introspectionUrl: https://id.example.com/introspect
                  issuer: https://id.example.com
                  jwksAllowPrivateIP: true
                  jwksAuthTokenPath: /var/run/token
                  jwksUrl: https://id.example.com/keys
                  protectedResourceAllowPrivateIP: true
                """),
        Example(
            kind: "MCPOIDCConfig", title: "kubernetesServiceAccount",
            spec: """
                type: kubernetesServiceAccount
                kubernetesServiceAccount:
                  introspectionUrl: https://k/introspect
                  issuer: https://kubernetes.default.svc
                  jwksUrl: https://k/keys
                  namespace: tools
                  serviceAccount: runner
                  useClusterAuth: false
                """),
        Example(
            kind: "MCPAuthzConfig", title: "policies",
            spec:
                "type: cedarv1\nconfig: {policies: [\"permit(principal, action, resource);\"], entities_json: \"[]\", more: 1}"
        ),
    ]

    private static let embeddedAuthServer = """
        type: embeddedAuthServer
        embeddedAuthServer:
          allowConfidentialClientRegistration: true
          authorizationEndpointBaseUrl: https://auth.example.com
          baselineClientScopes: [openid, profile]
          cimd: {cacheFallbackTtl: 5m, cacheMaxSize: 100, enabled: true}
          delegateClients: [{audiences: [a], clientId: c, clientSecretRef: {name: keys, key: token}, scopes: [s]}]
          disableUpstreamTokenInjection: true
          forceConfidentialRedirectUris: ["https://app.example.com/callback"]
          hmacSecretRefs: [{name: keys, key: token}]
          insecureAllowConfidentialOverLoopbackHTTP: true
          insecureAllowHTTP: false
          issuer: https://auth.example.com
          primaryUpstreamProvider: main
          signingKeySecretRefs: [{name: keys, key: token}]
          storage:
            type: redis
            redis:
              aclUserConfig: {passwordSecretRef: {name: keys, key: password}, usernameSecretRef: {name: keys, key: token}}
              dialTimeout: 5s
              readTimeout: 3s
              sentinelConfig:
                db: 0
                masterName: main
                sentinelAddrs: ["a:26379"]
                sentinelService: {name: sentinel, namespace: redis, port: 26379}
              sentinelTls: {caCertSecretRef: {name: keys, key: token}, insecureSkipVerify: false}
              tls: {caCertSecretRef: {name: keys, key: token}, insecureSkipVerify: false}
              writeTimeout: 3s
          tokenLifespans: {accessTokenLifespan: 1h, authCodeLifespan: 10m, refreshTokenLifespan: 168h}
          trustedIssuers:
            - issuerUrl: https://partner.example.com
              actorClaim: azp
              actorMatcher: "true"
              allowMayAct: true
              allowPrivateIPs: true
              allowedActors: [robot]
              allowedDelegateClients: [c]
              expectedAudience: gateway
              insecureAllowHTTP: false
              jwksUrl: https://partner.example.com/keys
            - issuerUrl: https://grants.example.com
              jwtBearerGrant:
                acceptedAudiences: ["https://auth.example.com"]
                maxAssertionAge: 5m
                subjectBindings: [{allowedResources: ["https://api.example.com"], subject: robot}]
          upstreamProviders:
            - name: main
              type: oidc
              oidcConfig:
                additionalAuthorizationParams: {prompt: consent}
                clientId: c
                clientSecretRef: {name: keys, key: token}
                issuerUrl: https://id.example.com
                redirectUri: https://auth.example.com/oauth/callback
                scopes: [openid]
                subjectClaim: sub
                userInfoOverride:
                  additionalHeaders: {X-A: b}
                  endpointUrl: https://id.example.com/me
                  fieldMapping: {emailFields: [mail], nameFields: [name], subjectFields: [id]}
                  httpMethod: GET
            - name: github
              type: oauth2
              oauth2Config:
                additionalAuthorizationParams: {prompt: consent}
                allowPrivateIPs: false
                authorizationEndpoint: https://github.example.com/authorize
                clientId: c
                clientSecretRef: {name: keys, key: token}
                identityFromToken: {emailPath: email, namePath: name, subjectPath: id}
                insecureAllowHTTP: false
                redirectUri: https://auth.example.com/oauth/callback
                scopes: [user]
                tokenEndpoint: https://github.example.com/token
                tokenResponseMapping: {accessTokenPath: a, expiresInPath: b, refreshTokenPath: c, scopePath: d}
                userInfo: {endpointUrl: "https://github.example.com/user", httpMethod: POST}
            - name: dynamic
              type: oauth2
              oauth2Config:
                authorizationEndpoint: https://d.example.com/authorize
                tokenEndpoint: https://d.example.com/token
                dcrConfig:
                  discoveryUrl: https://d.example.com/.well-known/oauth
                  initialAccessTokenRef: {name: keys, key: token}
                  softwareId: gateway
                  softwareStatement: eyJ
        """
}
