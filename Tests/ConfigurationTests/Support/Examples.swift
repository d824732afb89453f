import Testing

/// Examples that use every field of the resource specification.
enum Examples {
    struct Example: CustomTestStringConvertible, Sendable {
        let kind: String
        let title: String
        let spec: String
        var testDescription: String { "\(kind): \(title)" }
    }

    static let all: [Example] = workloads + authentication + others

    private static let shared = """
        audit: {enabled: true}
        authServerRef: {kind: MCPExternalAuthConfig, name: auth-server}
        authzConfig:
          type: configMap
          configMap: {name: texts, key: authz.json}
          groupClaimName: groups
          groupEntityType: THVGroup
          roleClaimName: roles
        endpointPrefix: /tools
        externalAuthConfigRef: {name: no-auth}
        groupRef: {name: tools}
        oidcConfigRef: {name: oidc, audience: example, resourceUrl: "https://x.example.com", scopes: [openid]}
        podTemplateSpec: {spec: {anything: [1, true, null]}}
        proxyPort: 8081
        replicas: 2
        resourceOverrides:
          proxyDeployment:
            annotations: {a: b}
            labels: {c: d}
            env: [{name: TOOLHIVE_DEBUG, value: "true"}]
            imagePullSecrets: [{name: pull}, {}]
            podTemplateMetadataOverrides: {annotations: {a: b}, labels: {c: d}}
          proxyService: {annotations: {a: b}, labels: {c: d}}
        resources:
          limits: {cpu: 500m, memory: 512Mi}
          requests: {cpu: "1", memory: 128Mi}
        serviceAccount: runner
        sessionAffinity: None
        sessionStorage: {provider: redis, address: "redis:6379", db: 1, keyPrefix: "a:", passwordRef: {name: keys, key: password}}
        telemetryConfigRef: {name: telemetry, serviceName: example}
        toolConfigRef: {name: shared-tools}
        trustProxyHeaders: true

        """

    private static let workloads = [
        Example(kind: "MCPGroup", title: "description", spec: "description: Tools of the team"),
        Example(
            kind: "MCPServer", title: "all fields",
            spec: shared + """
                args: [--verbose]
                backendReplicas: 1
                env: [{name: A, value: "1"}, {name: B, value: ""}]
                image: ghcr.io/example/server:v1.2
                mcpPort: 9000
                permissionProfile: {type: configmap, name: texts, key: profile}
                proxyMode: sse
                rateLimiting:
                  shared: {maxTokens: 10, refillPeriod: 1m}
                  perUser: {maxTokens: 5, refillPeriod: 30s}
                  tools: [{name: search, shared: {maxTokens: 1, refillPeriod: 1h}, perUser: {maxTokens: 1, refillPeriod: 1s}}]
                secrets: [{name: keys, key: token, targetEnvName: TOKEN}, ]
                transport: streamable-http
                volumes: [{name: data, hostPath: /data, mountPath: /mnt, readOnly: true}]
                webhookConfigRef: {name: hooks}
                """),
        Example(
            kind: "MCPServer", title: "Python package", spec: "image: uvx://mcp-server-time\ngroupRef: {name: tools}"),
        Example(
            kind: "MCPServer", title: "package of a version",
            spec: "image: uvx://mcp-server-git@2025.7.1\nsessionIsolation: private"),
        Example(
            kind: "MCPServer", title: "Node package", spec: "image: npx://@scope/server@1.0.0\nsessionIsolation: shared"
        ),
        Example(
            kind: "MCPServer", title: "program", spec: "image: exec:./server.py\ntransport: sse\nsessionIsolation: auto"
        ),
        Example(
            kind: "MCPServer", title: "inline policies",
            spec: """
                image: uvx://a
                authzConfig:
                  type: inline
                  inline: {entitiesJson: "[]", policies: ["permit(principal, action, resource);"], primaryUpstreamProvider: main}
                permissionProfile: {type: builtin, name: none}
                """),
        Example(
            kind: "MCPServer", title: "policies of a resource",
            spec: "image: uvx://a\nauthzConfigRef: {name: policies}\npermissionProfile: {name: network}"),
        Example(
            kind: "MCPRemoteProxy", title: "all fields",
            spec: shared + """
                allowPrivateEndpoint: true
                remoteUrl: https://mcp.example.com/mcp
                transport: sse
                headerForward:
                  addPlaintextHeaders: {X-Team: tools}
                  addHeadersFromSecret: [{headerName: Authorization, valueSecretRef: {name: keys, key: token}}]
                """),
        Example(
            kind: "MCPServerEntry", title: "all fields",
            spec: """
                allowPrivateEndpoint: true
                caBundleRef: {configMapRef: {name: texts, key: ca.crt, optional: false}}
                externalAuthConfigRef: {name: no-auth}
                groupRef: {name: tools}
                remoteUrl: http://10.0.0.7:8080/mcp
                transport: streamable-http
                headerForward:
                  addPlaintextHeaders: {Cookie: a=b}
                """),
    ]

    private static let others = [
        Example(kind: "EmbeddingServer", title: "no spec", spec: ""),
        Example(
            kind: "EmbeddingServer", title: "all fields",
            spec: """
                args: [--pooling, cls]
                env: [{name: A, value: b}]
                hfTokenSecretRef: {name: keys, key: token}
                image: example/tei:cpu
                imagePullPolicy: Always
                model: BAAI/bge-small-en-v1.5
                modelCache: {accessMode: ReadWriteMany, enabled: true, size: 20Gi, storageClassName: fast}
                podTemplateSpec: {}
                port: 8080
                replicas: 1
                resourceOverrides:
                  persistentVolumeClaim: {annotations: {a: b}, labels: {c: d}}
                  service: {annotations: {a: b}, labels: {c: d}}
                  statefulSet:
                    annotations: {a: b}
                    labels: {c: d}
                    podTemplateMetadataOverrides: {annotations: {a: b}, labels: {c: d}}
                resources: {limits: {cpu: "2", memory: 2Gi}, requests: {cpu: "1", memory: 1Gi}}
                """),
        Example(
            kind: "MCPToolConfig", title: "all fields",
            spec: """
                toolsFilter: [lookup]
                toolsOverride:
                  search:
                    name: lookup
                    description: Looks something up.
                    annotations: {title: Look up, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false}
                  plain: {annotations: {readOnlyHint: true}}
                """),
        Example(
            kind: "MCPTelemetryConfig", title: "all fields",
            spec: """
                openTelemetry:
                  caBundleRef: {configMapRef: {name: texts, key: ""}}
                  enabled: true
                  endpoint: collector:4318
                  headers: {X-A: b}
                  insecure: true
                  metrics: {enabled: true}
                  resourceAttributes: {team: tools}
                  sensitiveHeaders: [{name: X-Key, secretKeyRef: {name: keys, key: token}}]
                  tracing: {enabled: true, samplingRate: "0.5"}
                  useLegacyAttributes: false
                prometheus: {enabled: true}
                """),
        Example(kind: "VirtualMCPCompositeToolDefinition", title: "all fields", spec: compositeTool),
        Example(
            kind: "VirtualMCPServer", title: "all fields",
            spec: """
                authServerConfig:
                  issuer: https://id.example.com
                  upstreamProviders: [{name: main, type: oidc, oidcConfig: {clientId: c, issuerUrl: "https://up.example.com"}}]
                config:
                  aggregation: {conflictResolution: prefix}
                  rateLimiting: {perUser: {maxTokens: 1, refillPeriod: 1s}}
                  optimizer: {maxToolsToReturn: 5}
                  compositeToolRefs: [{name: flow}]
                embeddingServerRef: {name: embedding}
                groupRef: {name: tools}
                imagePullSecrets: [{name: pull}]
                incomingAuth:
                  type: oidc
                  oidcConfigRef: {name: oidc, audience: gateway}
                  authzConfigRef: {name: policies}
                outgoingAuth:
                  source: inline
                  default: {type: discovered}
                  backends: {a: {type: externalAuthConfigRef, externalAuthConfigRef: {name: no-auth}}}
                passthroughHeaders: [X-Request-Id]
                podTemplateSpec: {}
                replicas: 1
                serviceAccount: runner
                serviceType: NodePort
                sessionAffinity: None
                sessionStorage: {provider: redis, address: "redis:6379", keyPrefix: "vmcp:"}
                telemetryConfigRef: {name: telemetry}
                """),
    ]

    /// A composite tool with steps of each type.
    static let compositeTool = """
        name: triage
        description: Sorts an issue.
        parameters: {type: object, properties: {id: {type: string, default: "1"}}, required: [id]}
        timeout: 10m
        annotations: {title: Triage, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true}
        steps:
          - id: fetch
            tool: github.get_issue
            arguments: {id: "{{.params.id}}", nested: {list: ["{{.params.id}}"]}}
            onError: {action: continue, retryCount: 0, retryDelay: 1s}
            defaultResults: {title: none}
            timeout: 30s
          - id: ask
            type: elicitation
            message: "Take {{.steps.fetch.output.title}}?"
            schema: {type: object, properties: {ok: {type: boolean}}}
            onDecline: {action: skip_remaining}
            onCancel: {action: abort}
            dependsOn: [fetch]
          - id: each
            type: forEach
            collection: "{{json .steps.ask.output.items}}"
            itemVar: entry
            maxParallel: 5
            maxIterations: 50
            step: {id: inner, tool: github_label, arguments: {name: "{{.forEach.entry}}"}}
            dependsOn: [ask]
            condition: "{{eq .params.id \\"1\\"}}"
            onError: {action: retry, retryCount: 2}
        output:
          properties:
            title: {type: string, description: The title, value: "{{.steps.fetch.output.title}}", default: none}
            counts:
              type: object
              description: Counts
              properties:
                all: {type: integer, description: All, value: "{{len .steps}}", default: 0}
          required: [title]
        """
}
