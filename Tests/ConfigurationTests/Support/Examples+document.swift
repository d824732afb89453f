extension Examples {
    /// A vMCP document with every field of the specification, section 16.
    static let document = """
        name: full
        groupRef: tools
        metadata: {team: tools}
        incomingAuth:
          type: oidc
          oidc:
            audience: gateway
            caBundlePath: /etc/ssl/certs/ca-certificates.crt
            clientId: c
            clientSecretEnv: VMCP_OIDC_CLIENT_SECRET
            insecureAllowHttp: false
            introspectionUrl: https://id.example.com/introspect
            issuer: https://id.example.com
            jwksAllowPrivateIp: false
            jwksUrl: https://id.example.com/keys
            protectedResourceAllowPrivateIp: false
            resource: https://gw.example.com
            scopes: [openid]
          authz:
            type: cedar
            entitiesJson: "[]"
            groupClaimName: groups
            groupEntityType: THVGroup
            policies: ["permit(principal, action, resource);"]
            primaryUpstreamProvider: main
            roleClaimName: roles
        outgoingAuth:
          source: inline
          default: {type: unauthenticated}
          backends:
            a: {type: header_injection, headerInjection: {headerName: X-Key, headerValueEnv: API_KEY}}
            b: {type: header_injection, headerInjection: {headerName: X-Key, headerValue: literal}}
            c:
              type: token_exchange
              tokenExchange:
                audience: api
                clientId: c
                clientSecretEnv: CLIENT_SECRET
                scopes: [read]
                subjectProviderName: main
                subjectTokenType: access_token
                tokenUrl: https://id.example.com/token
            d: {type: upstream_inject, upstreamInject: {providerName: main}}
            e:
              type: aws_sts
              awsSts:
                fallbackRoleArn: arn:aws:iam::123456789012:role/x
                region: eu-west-1
                roleClaim: groups
                roleMappings: [{claim: a, priority: 1, roleArn: "arn:aws:iam::123456789012:role/y"}]
                service: aws-mcp
                sessionDuration: 3600
                sessionNameClaim: sub
                subjectProviderName: main
            f:
              type: obo
              obo:
                audience: a
                cacheSkewSeconds: 30
                clientId: c
                clientSecretEnv: CLIENT_SECRET
                scopes: [s]
                subjectTokenProviderName: main
                tokenUrl: https://id.example.com/token
            g:
              type: xaa
              xaa:
                idpClientId: c
                idpClientSecretEnv: CLIENT_SECRET
                idpTokenUrl: https://id.example.com/token
                insecureTargetTokenUrl: false
                scopes: [s]
                subjectProviderName: main
                subjectTokenType: urn:ietf:params:oauth:token-type:id_token
                targetAudience: t
                targetClientId: t
                targetClientSecret: literal
                targetResource: https://t.example.com
                targetTokenUrl: https://t.example.com/token
        aggregation:
          conflictResolution: priority
          conflictResolutionConfig:
            prefixFormat: "{workload}_"
            priorityOrder: [a, b]
            prefixMode: onConflict
            shortenNames: false
          defaultToolVisibility: allow
          excludeAllTools: false
          tools:
            - workload: a
              excludeAll: false
              filter: [lookup]
              overrides:
                search:
                  name: lookup
                  description: Looks something up.
                  annotations: {title: T, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false}
                hints: {annotations: {readOnlyHint: true}}
              toolConfigRef: {name: elsewhere}
        audit:
          component: gateway
          detectApplicationErrors: true
          enabled: true
          eventTypes: [tool_call]
          excludeEventTypes: [ping]
          includeRequestData: true
          includeResponseData: true
          logFile: /var/log/audit.log
          maxDataSize: 2048
          maxDelegationDepth: 5
        backends:
          - {name: a, url: "https://a.example.com/mcp", transport: streamable-http, type: entry, caBundlePath: /etc/ca.pem, metadata: {x: "y"}}
          - {name: b, url: "http://127.0.0.1:9000/sse", transport: sse, type: ""}
          - {name: c, url: "http://127.0.0.1:9001/mcp", transport: streamable}
        codeMode: {enabled: true, parallelMaxConcurrency: 5, stepLimit: 1000, toolCallTimeout: 10s}
        compositeToolRefs: [{name: flow}]
        compositeTools:
          -
        \(indented(indented(compositeTool)))
        operational:
          failureHandling:
            circuitBreaker: {enabled: true, failureThreshold: 5, timeout: 60s}
            healthCheckInterval: 30s
            healthCheckTimeout: 10s
            partialFailureMode: best_effort
            statusReportingInterval: 30s
            unhealthyThreshold: 3
          logLevel: debug
          timeouts: {default: 45s, perWorkload: {a: 1m30s}}
        optimizer:
          embeddingHeaders: {X-Team: tools}
          embeddingModel: small
          embeddingProvider: openai
          embeddingService: https://embed.example.com
          embeddingServiceTimeout: 30s
          hybridSearchSemanticRatio: "0.5"
          maxToolsToReturn: 8
          semanticDistanceThreshold: "1.5"
        passthroughHeaders: [X-Request-Id, X-Request-Id]
        rateLimiting:
          shared: {maxTokens: 10, refillPeriod: 1m}
          perUser: {maxTokens: 5, refillPeriod: 1m}
          tools: [{name: a_search, shared: {maxTokens: 1, refillPeriod: 1s}, perUser: {maxTokens: 1, refillPeriod: 1s}}]
        sessionStorage: {provider: redis, address: "redis:6379", db: 0, keyPrefix: "vmcp:"}
        telemetry:
          caCertPath: /etc/ca.pem
          customAttributes: {a: b}
          enablePrometheusMetricsPath: true
          endpoint: collector:4318
          environmentVariables: [HOME]
          headers: {X-A: b}
          insecure: true
          metricsEnabled: true
          metricsOnTransportPort: true
          prometheusPort: 9090
          samplingRate: "0.1"
          serviceName: gateway
          serviceVersion: "1"
          tracingEnabled: true
          useLegacyAttributes: false

        """
}
