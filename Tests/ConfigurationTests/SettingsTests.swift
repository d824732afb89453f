import Gateway
import Testing

@testable import HostConfiguration

@Suite("Settings")
struct SettingsTests {
    private func server(_ config: String, _ more: String = "", _ resources: String...) throws -> GatewayConfiguration {
        let spec = "groupRef: {name: tools}\nincomingAuth: {type: anonymous}\n\(more)\nconfig:\n" + indented(config)
        let front = resource("VirtualMCPServer", "mine", spec: spec)
        let result = try load(documents(surroundings, front) + resources.map { "---\n" + $0 }.joined()) {
            $0.name = "mine"
        }
        #expect(result.errors.map(\.description) == [])
        return try #require(result.configuration)
    }

    @Test("Without settings a server has those of the specification")
    func defaults() throws {
        let configuration = try server("{}")
        #expect(configuration.aggregation == AggregationSettings())
        #expect(configuration.operational == OperationalSettings())
        #expect(configuration.incomingAuth == .anonymous)
        #expect(configuration.outgoingAuth.source == .discovered)
        #expect(configuration.name == "mine" && configuration.group == "tools" && configuration.namespace == "default")
    }

    @Test("Every setting of aggregation is read")
    func aggregation() throws {
        let configuration = try server(
            """
            aggregation:
              conflictResolution: priority
              conflictResolutionConfig: {prefixFormat: "{workload}.", priorityOrder: [b, a], prefixMode: onConflict, shortenNames: false}
              defaultToolVisibility: deny
              excludeAllTools: true
              tools:
                - {workload: a, excludeAll: true}
                - workload: b
                  filter: [x]
                  overrides:
                    y: {name: x, description: "", annotations: {title: T, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false}}
            """)
        #expect(
            configuration.aggregation
                == AggregationSettings(
                    strategy: .priority, prefixMode: .onConflict, prefixFormat: "{workload}.",
                    priorityOrder: ["b", "a"],
                    defaultToolVisibility: .deny, excludeAllTools: true,
                    workloads: [
                        .init(workload: "a", excludeAll: true),
                        .init(
                            workload: "b", filter: ["x"],
                            overrides: [
                                "y": .init(
                                    name: "x",
                                    annotations: .init(
                                        title: "T", readOnlyHint: true, destructiveHint: false, idempotentHint: true,
                                        openWorldHint: false))
                            ]),
                    ], shortenNames: false))
    }

    @Test("A shared tool configuration is merged: inline filters and overrides win")
    func merged() throws {
        let shared = resource(
            "MCPToolConfig", "more",
            spec: "toolsFilter: [shared]\ntoolsOverride: {one: {name: shared-one}, two: {name: shared-two}}")
        let configuration = try server(
            """
            aggregation:
              tools:
                - {workload: a, toolConfigRef: {name: more}, overrides: {one: {name: own}}}
                - {workload: b, toolConfigRef: {name: more}, filter: [own]}
            """, "", shared)
        let workloads = configuration.aggregation.workloads
        #expect(workloads[0].filter == ["shared"] && workloads[1].filter == ["own"])
        #expect(workloads[0].overrides["one"]?.name == "own" && workloads[0].overrides["two"]?.name == "shared-two")
    }

    @Test("A backend's own tool configuration acts where the server has none for it")
    func own() throws {
        let member = resource(
            "MCPServer", "a", spec: "image: uvx://a\ngroupRef: {name: tools}\ntoolConfigRef: {name: shared-tools}")
        let alone = try server("{}", "", member)
        #expect(alone.aggregation.workloads == [.init(workload: "a", filter: ["a"])])
        let both = try server("aggregation: {tools: [{workload: a, filter: [b]}]}", "", member)
        #expect(both.aggregation.workloads == [.init(workload: "a", filter: ["b"])])
        #expect(both.notImplemented.map(\.path) == ["spec.toolConfigRef"])
    }

    @Test("A merge that gives two tools one name is an error")
    func mergedTwice() throws {
        let text = documents(
            surroundings, resource("MCPToolConfig", "more", spec: "toolsOverride: {two: {name: same}}"),
            resource(
                "VirtualMCPServer", "mine",
                spec: """
                    groupRef: {name: tools}
                    incomingAuth: {type: anonymous}
                    config: {aggregation: {tools: [{workload: a, toolConfigRef: {name: more}, overrides: {one: {name: same}}}]}}
                    """))
        #expect(
            try load(text) { $0.name = "mine" }.errors.map(\.path) == ["spec.config.aggregation.tools[0].toolConfigRef"]
        )
    }

    @Test("Every setting of operational is read")
    func operational() throws {
        let configuration = try server(
            """
            operational:
              failureHandling:
                circuitBreaker: {enabled: true, failureThreshold: 7, timeout: 2m}
                healthCheckInterval: 1m
                healthCheckRemotes: false
                healthCheckTimeout: 500ms
                partialFailureMode: fail
                statusReportingInterval: 1h
                unhealthyThreshold: 4
              logLevel: debug
              retries: {default: 1, perWorkload: {a: 0}}
              timeouts: {default: 1m30s, perWorkload: {a: 1.5s}}
            """)
        var expected = OperationalSettings()
        expected.defaultTimeout = .seconds(90)
        expected.timeouts = ["a": .milliseconds(1500)]
        (expected.defaultRetries, expected.retries) = (1, ["a": 0])
        expected.partialFailureMode = .fail
        expected.healthCheckInterval = .seconds(60)
        expected.healthCheckTimeout = .milliseconds(500)
        expected.healthChecksRemotes = false
        var breaker = OperationalSettings.CircuitBreaker()
        (breaker.failureThreshold, breaker.timeout) = (7, .seconds(120))
        expected.circuitBreaker = breaker
        expected.unhealthyThreshold = 4
        expected.statusReportingInterval = .seconds(3600)
        expected.logsDebug = true
        #expect(configuration.operational == expected)
    }

    @Test("A server's own passthrough headers replace those of its document when there are any")
    func passthrough() throws {
        #expect(try server("passthroughHeaders: [X-A]").passthroughHeaders == ["X-A"])
        #expect(try server("passthroughHeaders: [X-A]", "passthroughHeaders: [X-B]").passthroughHeaders == ["X-B"])
        #expect(try server("passthroughHeaders: [X-A]", "passthroughHeaders: []").passthroughHeaders == ["X-A"])
    }

    @Test("A document takes a shared tool configuration from the files beside it, and says so when there is none")
    func mergedIntoDocument() throws {
        let text = document(
            """
            aggregation:
              conflictResolution: prefix
              conflictResolutionConfig: {prefixFormat: a}
              tools: [{workload: fetch, toolConfigRef: {name: shared}}]
            """, without: "aggregation")
        let config = resource("MCPToolConfig", "shared", spec: "toolsFilter: [x]")
        let found = try load(files: ["a.yaml": text, "b.yaml": config])
        #expect(found.configuration?.aggregation.workloads.map(\.filter) == [["x"]])
        #expect(try load(text).warnings.map(\.path) == ["aggregation.tools[0].toolConfigRef"])
    }

    @Test("Settings for backends that do not exist are warnings")
    func unknownBackends() throws {
        let text = document("operational: {timeouts: {perWorkload: {fecth: 1s}}}")
        let warnings = try load(text).warnings
        #expect(warnings.map(\.path) == ["operational.timeouts.perWorkload.fecth"])
        #expect(warnings[0].message.contains("did you mean `fetch`?"))
    }

    @Test(
        "Durations are read as Go reads them",
        arguments: [
            ("30s", .seconds(30)), ("1m30s", .seconds(90)), ("500ms", .milliseconds(500)), ("1.5h", .seconds(5400)),
            ("1us", .microseconds(1)), ("1\u{B5}s", .microseconds(1)), ("1\u{3BC}s", .microseconds(1)),
            ("7ns", .nanoseconds(7)),
            ("0s", .zero), ("", nil), ("30", nil), ("-1s", nil), ("s", nil), ("1 s", nil), ("1.s", nil), (".5s", nil),
            ("1d", nil), ("99999999999h", nil),
        ] as [(String, Duration?)])
    func durations(text: String, expected: Duration?) { #expect(DurationText.parse(text) == expected) }
}
