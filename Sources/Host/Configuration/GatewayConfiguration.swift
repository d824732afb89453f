package import Gateway

/// What a gateway runs: one VirtualMCPServer, or one vMCP document, with everything it refers to.
package struct GatewayConfiguration: Sendable {
    /// The name advertised to clients.
    package var name: String
    /// The group whose members are aggregated.
    package var group: String
    /// The namespace of the resource; `default` for a vMCP document.
    package var namespace: String
    /// Where the VirtualMCPServer or document stands, as `file:line`.
    package var place: String
    /// Sorted by name; names are unique.
    package var backends: [BackendConfiguration]
    package var aggregation: AggregationSettings
    /// Inline ones, then those referred to; names are unique.
    package var compositeTools: [WorkflowDefinition]
    /// `find_tool` and `call_tool` in the stead of all tools; `nil` shows the tools.
    package var optimizer: OptimizerConfiguration?
    package var operational: OperationalSettings
    /// Whether `/metrics` shows the metrics to whoever asks.
    package var showsMetrics: Bool
    /// Client headers that are handed on to backends, as written.
    package var passthroughHeaders: [String]
    package var incomingAuth: IncomingAuthentication
    /// Set with ``IncomingAuthentication/oidc``.
    package var oidc: OIDCConfiguration?
    package var outgoingAuth: OutgoingAuthentication
    /// What is valid here but that this version cannot do: `validate` accepts it, `serve` refuses with these.
    package var notImplemented: [Diagnostic]
    /// The secrets that backends refer to, by handle.
    package var secrets: [String: SecretValue]
}

/// How clients authenticate.
package enum IncomingAuthentication: String, Sendable, CaseIterable {
    /// Nobody is asked.
    case anonymous
    /// A token of the local machine; for development.
    case local
    /// Tokens of an OpenID Connect issuer.
    case oidc
}

/// How the gateway authenticates to backends.
package struct OutgoingAuthentication: Sendable, Equatable {
    /// Where strategies come from.
    package enum Source: String, Sendable, CaseIterable {
        /// From the document or `spec.outgoingAuth` alone.
        case inline
        /// From each backend's own `externalAuthConfigRef` first.
        case discovered
    }

    package var source: Source
    /// By backend, after all references and defaults.
    package var strategies: [String: OutgoingStrategy]

    package init(source: Source, strategies: [String: OutgoingStrategy]) {
        self.source = source
        self.strategies = strategies
    }
}

/// Run-time tuning (`operational`).
package struct OperationalSettings: Sendable, Equatable {
    /// What happens when some backends fail.
    package enum PartialFailureMode: String, Sendable, CaseIterable {
        case fail
        case bestEffort = "best_effort"
    }

    /// When a backend is not called any more.
    package struct CircuitBreaker: Sendable, Equatable {
        /// Failures in a row. Default 5.
        package var failureThreshold = 5
        /// How long it stays open. Default 60 s.
        package var timeout: Duration = .seconds(60)

        package init() {}
    }

    /// The longest wait for a backend's answer. Default 30 s.
    package var defaultTimeout: Duration = .seconds(30)
    /// The same by backend.
    package var timeouts: [String: Duration] = [:]
    /// The longest wait for a connection over HTTP; `nil` = the default of the services.
    package var connectTimeout: Duration?
    /// How often a call is sent again that certainly did not run, or may run twice. Default 2.
    package var defaultRetries = 2
    /// The same by backend.
    package var retries: [String: Int] = [:]
    /// Default best effort: `fail` acts only when written.
    package var partialFailureMode: PartialFailureMode = .bestEffort
    /// Default 30 s.
    package var healthCheckInterval: Duration = .seconds(30)
    /// Default 10 s.
    package var healthCheckTimeout: Duration = .seconds(10)
    /// Failures in a row that make a backend unhealthy. Default 3.
    package var unhealthyThreshold = 3
    /// Whether backends that the gateway does not run are probed while all is well. Default true.
    package var healthChecksRemotes = true
    /// `nil` = none, the default.
    package var circuitBreaker: CircuitBreaker?
    /// Default 30 s.
    package var statusReportingInterval: Duration = .seconds(30)
    /// What is limited to another value than the default.
    package var limits: [Limit: Int] = [:]
    /// Whether the file asks for the debug log.
    package var logsDebug = false

    package init() {}

    /// The longest wait for an answer of one backend.
    package func timeout(of backend: String) -> Duration { timeouts[backend] ?? defaultTimeout }
}
