/// What the configuration says of a backend. Never changed, so that whoever looks at it copies nothing.
package final class BackendDescriptor: Sendable {
    /// How many client sessions share one session with the backend (`spec.sessionIsolation`).
    package enum Isolation: String, Sendable, CaseIterable {
        /// Shared where the transport allows it, private for a client that can be asked something.
        case auto
        case shared
        case `private`
    }

    /// Unique; what prefixes, filters and status speak of.
    package let name: String
    /// The resource's kind.
    package let kind: String
    /// For display: `stdio`, `sse`, `streamable-http`, or what a plugin calls it.
    package let transport: String
    /// For display: the outgoing strategy, `unauthenticated` without one.
    package let authType: String
    package let isolation: Isolation
    /// Longest silence during a call, in milliseconds. Default 30,000 (`operational.timeouts.default`).
    package let timeout: UInt64
    /// Headers that the backend's configuration sets itself, names in lower case: a client's header of the same name
    /// fails the call.
    package let staticHeaders: Set<String>
    /// Whether what it offers is asked for with each caller's own credential, because it may depend on who asks. No session
    /// serves two callers then: ``isolation`` is private.
    package let listsForCallers: Bool
    /// How its health is judged.
    package let health: HealthSettings
    /// How often a call is sent again that certainly did not run, or may run twice. Default 0.
    package let retries: Int
    /// What is taken of its messages and lists.
    package let limits: BackendLimits

    /// Longest time a call may take, whatever progress it reports, in milliseconds: ten times ``timeout``, and ten minutes at
    /// least. Progress extends the silence allowed, and a maximum must hold all the same (2025-03-26, Lifecycle, Timeouts).
    package var longestCall: UInt64 { max(timeout * 10, 600_000) }

    package init(
        name: String, kind: String, transport: String, authType: String = "unauthenticated",
        isolation: Isolation = .auto, timeout: UInt64 = 30_000, staticHeaders: Set<String> = [],
        listsForCallers: Bool = false, health: HealthSettings = HealthSettings(), retries: Int = 0,
        limits: BackendLimits = BackendLimits()
    ) {
        self.name = name
        self.kind = kind
        self.transport = transport
        self.authType = authType
        self.isolation = listsForCallers ? .private : isolation
        self.timeout = timeout
        self.staticHeaders = staticHeaders
        self.listsForCallers = listsForCallers
        self.health = health
        self.retries = retries
        self.limits = limits
    }

    /// Whether a backend of another descriptor can become this one as it is: what differs, if anything, holds for each call
    /// anew.
    func fits(_ other: BackendDescriptor) -> Bool {
        name == other.name && kind == other.kind && transport == other.transport && authType == other.authType
            && isolation == other.isolation && staticHeaders == other.staticHeaders
            && listsForCallers == other.listsForCallers
    }
}

/// Starts what carries messages to a backend: creates and starts its plugin instance.
package protocol BackendStarter: Sendable {
    /// Starts it, or answers the link that runs already. `progress` gets lines for people.
    func start(progress: @escaping @Sendable (String) -> Void) async throws(Outcome) -> any BackendLink
    /// Ends it with all its sessions and processes.
    func stop() async
    /// What it starts a backend from, in bytes that nobody else looks at: a starter with the same ones would start the same.
    var fingerprint: [UInt8] { get }
}

extension BackendStarter {
    package var fingerprint: [UInt8] { [] }
}
