/// What a session needs of the gateway.
protocol SessionHost: AnyObject, Sendable {
    /// What a caller sees; `nil` before ``ready(for:)``.
    func catalog(for principal: Principal) -> Catalog?
    /// Returns when there is a catalogue for a caller.
    func ready(for principal: Principal) async
    /// Whether each caller has a catalogue of its own.
    var hasCallers: Bool { get }
    var clock: GatewayClock { get }
    var audience: Audience { get }
    var serverRequests: ServerRequests { get }
    var sessionLimits: SessionLimits { get }
    /// The subscriptions of each caller.
    var subscriptions: PrincipalQuota { get }
    var interactions: InteractionLimits { get }
    /// Client headers, names in lower case, that are handed to backends.
    var passthroughHeaders: Set<String> { get }
    /// Backends whose absence makes a caller's lists fail; empty when what is there is served.
    func missingBackends(for principal: Principal) -> [String]
    func backend(named name: String) -> Backend?
    func ended(_ session: GatewaySession)
    var workflows: WorkflowEngine { get }
    var taskSeal: TaskSeal { get }
    var taskMemory: any TaskMemory { get }
    /// `nil` when clients see the tools themselves.
    var optimizer: Optimizer? { get }
}

/// A call that the gateway answers itself, in the course of a session.
protocol OwnCall: AnyObject, Sendable {
    var stream: any ClientStream { get }
    /// The client wants no answer any more (`notifications/cancelled`).
    func cancel()
    /// The client's session has ended.
    func abandon()
}
