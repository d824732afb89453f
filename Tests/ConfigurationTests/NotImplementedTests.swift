import Gateway
import Testing

@testable import HostConfiguration

@Suite("What is valid but not implemented")
struct NotImplementedTests {
    @Test(
        "A feature of a document is accepted and listed with its field",
        arguments: [
            ("codeMode: {enabled: true}", "codeMode"),
            ("audit: {enabled: true}", "audit"),
            (
                "operational: {failureHandling: {statusReportingInterval: 1m}}",
                "operational.failureHandling.statusReportingInterval"
            ),
            ("sessionStorage: {provider: redis, address: a}", "sessionStorage.provider"),
            ("telemetry: {tracingEnabled: true}", "telemetry.tracingEnabled"),
            ("telemetry: {metricsEnabled: true}", "telemetry.metricsEnabled"),
            (
                "telemetry: {enablePrometheusMetricsPath: true, metricsOnTransportPort: false}",
                "telemetry.metricsOnTransportPort"
            ),
        ])
    func feature(text: String, path: String) throws {
        let result = try load(document(text))
        #expect(result.errors.map(\.description) == [])
        let listed = try #require(result.configuration).notImplemented
        #expect(listed.map(\.path) == [path])
        #expect(listed.allSatisfy { $0.line > 0 && $0.message.contains("not implemented yet") })
    }

    @Test(
        "Authentication of a document is accepted and listed with its field",
        arguments: [
            ("incomingAuth: {type: anonymous, authz: {type: cedar, policies: [p]}}", "incomingAuth.authz"),
            (
                "outgoingAuth: {source: inline, default: {type: upstream_inject, upstreamInject: {providerName: a}}}",
                "outgoingAuth.default"
            ),
            (
                "outgoingAuth: {source: inline, backends: {fetch: {type: header_injection, headerInjection: {headerName: a, headerValue: b}}}}",
                "outgoingAuth.backends.fetch"
            ),
        ])
    func authentication(text: String, path: String) throws {
        let result = try load(document(text, without: String(text.prefix { $0 != ":" })))
        #expect(result.errors.map(\.description) == [])
        #expect(result.configuration?.notImplemented.map(\.path) == [path])
    }

    @Test(
        "Metrics are shown when the document says so",
        arguments: [
            ("enablePrometheusMetricsPath: true", true), ("enablePrometheusMetricsPath: false", false), ("", false),
        ])
    func metrics(field: String, isShown: Bool) throws {
        let result = try load(document("telemetry: {\(field)}"))
        #expect(result.errors.map(\.description) == [])
        let configuration = try #require(result.configuration)
        #expect(configuration.showsMetrics == isShown && configuration.notImplemented.map(\.path) == [])
    }

    /// A server that refers to an EmbeddingServer.
    /// - Parameter optimizer: What its `config` says.
    private func embedded(_ optimizer: String) -> String {
        resource(
            "VirtualMCPServer", "own",
            spec: """
                groupRef: {name: tools}
                incomingAuth: {type: anonymous}
                embeddingServerRef: {name: embedding}
                config: {\(optimizer)}
                """)
    }

    @Test(
        "An EmbeddingServer is the optimizer's service in a cluster, and refused where nobody runs it",
        arguments: [
            ("", "http://embedding.default.svc.cluster.local:8080", 8),
            ("optimizer: {maxToolsToReturn: 5}", "http://embedding.default.svc.cluster.local:8080", 5),
            ("optimizer: {embeddingService: \"http://own\"}", "http://own", 8),
        ])
    func embeddingServer(optimizer: String, service: String, most: Int) throws {
        let server = embedded(optimizer)
        for target in Target.allCases {
            let result = try load(documents(surroundings, server)) { sources in
                (sources.name, sources.target) = ("own", target)
            }
            #expect(result.errors.map(\.description) == [])
            let configuration = try #require(result.configuration)
            let refused = target == .local ? ["spec.embeddingServerRef"] : []
            #expect(configuration.notImplemented.map(\.path) == refused)
            let made = try #require(configuration.optimizer)
            #expect(made.provider == "tei" && made.fingerprint == service + "\n" && made.settings.maximum == most)
            #expect(String(decoding: made.specJSON, as: UTF8.self).contains("\"embeddingService\":\"\(service)\""))
        }
    }

    @Test(
        "An EmbeddingServer is run where a plugin does it, unless a service is named",
        arguments: [
            ("", "embedding_server", 8), ("optimizer: {maxToolsToReturn: 5}", "embedding_server", 5),
            ("optimizer: {embeddingService: \"http://own\"}", "tei", 8),
        ])
    func embeddingServerThatRuns(optimizer: String, provider: String, most: Int) throws {
        let server = embedded(optimizer)
        let result = try load(documents(surroundings, server)) { sources in
            (sources.name, sources.servedEmbeddings) = ("own", ["embedding_server", "tei"])
        }
        #expect(result.errors.map(\.description) == [])
        let configuration = try #require(result.configuration)
        #expect(configuration.notImplemented.map(\.path) == [])
        #expect(configuration.optimizer?.provider == provider && configuration.optimizer?.settings.maximum == most)
    }

    @Test("What is switched off, and all defaults spelt out as an operator does, can be served")
    func off() throws {
        let text = document(
            """
            codeMode: {enabled: false}
            audit: {enabled: false, maxDataSize: 1024}
            compositeTools: []
            sessionStorage: {provider: memory}
            telemetry: {tracingEnabled: false, metricsEnabled: false, samplingRate: "0.05"}
            operational:
              timeouts: {default: 30s}
              failureHandling:
                healthCheckInterval: 30s
                healthCheckTimeout: 10s
                unhealthyThreshold: 3
                statusReportingInterval: 30s
                partialFailureMode: best_effort
                circuitBreaker: {enabled: false, failureThreshold: 5, timeout: 1m}
            """)
        let result = try load(text)
        #expect(result.diagnostics.map(\.description) == [])
        #expect(result.configuration?.notImplemented.map(\.description) == [])
    }

    @Test(
        "A feature of a resource is accepted and listed with its field",
        arguments: [
            ("MCPServer", "image: uvx://a\npermissionProfile: {name: none}", "spec.permissionProfile"),
            ("MCPServer", "image: uvx://a\nvolumes: [{name: a, hostPath: /a, mountPath: /b}]", "spec.volumes"),
            ("MCPServer", "image: uvx://a\nauthzConfigRef: {name: policies}", "spec.authzConfigRef"),
            ("MCPServer", "image: uvx://a\nauthServerRef: {name: auth-server}", "spec.authServerRef"),
            ("MCPServer", "image: uvx://a\nexternalAuthConfigRef: {name: inject}", "spec.externalAuthConfigRef"),
            (
                "MCPRemoteProxy", "remoteUrl: https://x.example.com\nexternalAuthConfigRef: {name: inject}",
                "spec.externalAuthConfigRef"
            ),
        ])
    func resources(kind: String, spec: String, path: String) throws {
        let inject = resource(
            "MCPExternalAuthConfig", "inject", spec: "type: upstreamInject\nupstreamInject: {providerName: a}")
        let result = try load(documents(surroundings, inject, resource(kind, spec: spec + "\ngroupRef: {name: tools}")))
        #expect(result.errors.map(\.description) == [])
        #expect(result.configuration?.notImplemented.map(\.path) == [path])
    }

    @Test("A strategy that sends nothing, and a backend's own one that the server does not use, can be served")
    func unused() throws {
        let text = documents(
            resource("MCPGroup", "tools"),
            resource(
                "MCPExternalAuthConfig", "inject", spec: "type: upstreamInject\nupstreamInject: {providerName: a}"),
            resource("MCPExternalAuthConfig", "none", spec: "type: unauthenticated"),
            resource(
                "VirtualMCPServer", "v",
                spec: """
                    groupRef: {name: tools}
                    incomingAuth: {type: anonymous}
                    outgoingAuth: {source: inline, default: {type: externalAuthConfigRef, externalAuthConfigRef: {name: none}}}
                    """),
            resource(
                "MCPServer", "a", spec: "image: uvx://a\ngroupRef: {name: tools}\nexternalAuthConfigRef: {name: inject}"
            ))
        let configuration = try #require(try load(text).configuration)
        #expect(configuration.notImplemented.map(\.description) == [])
        #expect(configuration.outgoingAuth.strategies == ["a": .unauthenticated])
    }

    @Test("Fields without meaning outside a cluster are one warning a resource, and none for defaults")
    func outsideCluster() throws {
        func warnings(_ spec: String, _ target: Target = .local) throws -> [String] {
            try load(
                documents(surroundings, resource("MCPServer", spec: "image: uvx://a\ngroupRef: {name: tools}\n" + spec))
            ) {
                $0.target = target
            }.warnings.filter { $0.path == "spec" }.map(\.message)
        }
        let found = try warnings("podTemplateSpec: {}\nreplicas: 2\nresourceOverrides: {}")
        #expect(found.count == 1)
        #expect(
            found.first?.contains(
                "`podTemplateSpec`, `replicas`, `resourceOverrides` have no meaning outside a cluster") == true)
        #expect(try warnings("proxyPort: 8080\nsessionAffinity: ClientIP\ntrustProxyHeaders: false").isEmpty)
        #expect(try warnings("replicas: 2", .cluster).isEmpty)
    }

    @Test("A configuration of the authorization server beside a document is listed")
    func authServerFile() throws {
        let result = try load(files: ["a.yaml": document(), "authserver-config.yaml": "issuer: x\n"])
        #expect(result.errors.isEmpty)
        #expect(result.configuration?.notImplemented.count == 1)
    }
}
