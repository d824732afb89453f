extension VirtualServer {
    /// What the assembly decides.
    package struct Settings: Sendable {
        package var identity: GatewayIdentity
        package var aggregation: AggregationSettings
        /// Client headers handed to backends, names in lower case.
        package var passthroughHeaders: Set<String>
        /// Milliseconds after which an unused session ends. Default 30 minutes, as ToolHive's `--session-ttl`.
        package var sessionTimeToLive: UInt64
        /// Most sessions at a time. Default 10,000.
        package var sessionCapacity: Int
        /// Whether lists fail while a backend is away (`partialFailureMode: fail`); otherwise what is there is served.
        /// Default false.
        package var failsPartially: Bool
        /// Levels to which the JSON of a tool's schema may be nested; a tool with a deeper one is left out. Default 64
        /// (`operational.limits.schemaDepth`).
        package var schemaDepth = Pipeline.usualSchemaDepth
        /// Longest time that clients wait for backends after the start, in milliseconds; see ``StartGrace``. Default 10,000.
        package var startGrace: UInt64
        package var session = SessionLimits()
        /// Workflows over the tools of backends.
        package var compositeTools: [WorkflowDefinition] = []
        /// Asked by the steps of composite tools. Default: everybody may do everything.
        package var policy: any Policy = AllowAll()
        /// Hears of what happens in composite tools.
        package var workflowEvents: any WorkflowEvents = NoWorkflowEvents()
        /// Of calls under way.
        package var calls = CallLimits()
        /// Of requests without sessions.
        package var stateless = StatelessLimits()
        /// Of calls that wait for answers of clients.
        package var interactions = InteractionLimits()
        /// Of the catalogues of callers, where what backends offer depends on who asks.
        package var callers = CallerLimits()
        /// Of what is remembered of tasks.
        package var tasks = TaskLimits()
        /// `find_tool` and `call_tool` in the stead of all other tools, and the index they search; `nil` shows the tools.
        package var optimizer: (settings: OptimizerSettings, search: any ToolSearch)?
        /// What `requestState` is sealed with; `nil` makes a key that no other instance has.
        package var stateKey: StateKey?

        package init(
            identity: GatewayIdentity, aggregation: AggregationSettings = AggregationSettings(),
            passthroughHeaders: Set<String> = [], sessionTimeToLive: UInt64 = 1_800_000, sessionCapacity: Int = 10_000,
            startGrace: UInt64 = 10_000, failsPartially: Bool = false
        ) {
            self.identity = identity
            self.aggregation = aggregation
            self.passthroughHeaders = passthroughHeaders
            self.sessionTimeToLive = sessionTimeToLive
            self.sessionCapacity = sessionCapacity
            self.startGrace = startGrace
            self.failsPartially = failsPartially
        }
    }
}
