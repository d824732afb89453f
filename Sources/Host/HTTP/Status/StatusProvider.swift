package import Gateway

/// How a backend is.
package enum BackendHealth: String, Sendable, CaseIterable {
    case healthy, degraded, unhealthy, unknown, unauthenticated
}

/// Whether the gateway can take requests: what `/readyz` says.
package enum Readiness: Sendable, Equatable {
    /// `mode` is `static` or `dynamic`.
    case ready(mode: String)
    /// `reason` is a word for machines, e.g. `cache_sync_pending`.
    case notReady(mode: String, reason: String)
}

/// One backend in `/status`.
package struct BackendStatus: Sendable, Equatable {
    package var name: String
    package var health: BackendHealth
    /// `stdio`, `sse`, `streamable-http`, or what a plugin calls its own.
    package var transport: String
    /// The strategy's name; `unauthenticated` when there is none.
    package var authType: String
    /// `nil` while it is not known.
    package var mcpRevision: String?
    /// Why its part is missing, for people; never a secret. `nil` when nothing is.
    package var message: String?
    /// Tools that it contributes; `nil` while they are not known.
    package var tools: Int?
    /// What it should contribute and does not, e.g. `prompts`.
    package var missing: [String]
    /// What is wrong with it; `nil` when all is well.
    package var trouble: Trouble?

    /// Why a backend is not well. Times in nanoseconds since 1970; 0 = not known.
    package struct Trouble: Sendable, Equatable {
        /// The category of the last failure, for machines.
        package var lastError: String
        /// `closed`, `open` or `half-open`.
        package var circuit: String
        package var since: UInt64
        /// When it is looked at again.
        package var nextCheck: UInt64

        package init(lastError: String, circuit: String, since: UInt64, nextCheck: UInt64) {
            (self.lastError, self.circuit, self.since, self.nextCheck) = (lastError, circuit, since, nextCheck)
        }
    }

    package init(
        name: String, health: BackendHealth, transport: String, authType: String = "unauthenticated",
        mcpRevision: String? = nil, message: String? = nil, tools: Int? = nil, missing: [String] = [],
        trouble: Trouble? = nil
    ) {
        self.trouble = trouble
        self.name = name
        self.health = health
        self.transport = transport
        self.authType = authType
        self.mcpRevision = mcpRevision
        self.message = message
        self.tools = tools
        self.missing = missing
    }
}

/// What `/status` says.
package struct GatewayStatus: Sendable, Equatable {
    package var backends: [BackendStatus]
    /// Of this program.
    package var version: String
    /// The MCPGroup that is served.
    package var groupRef: String
    /// Runs of composite tools by how they stand, of those of the last hour; `nil` without composite tools.
    package var workflows: [WorkflowState.Status: Int]?
    /// The search for tools; `nil` without the optimizer.
    package var optimizer: OptimizerStatus?
    /// The last attempt to take over another configuration; `nil` before the first.
    package var reload: ReloadStatus?
    /// Whether at least one backend is healthy.
    package var isHealthy: Bool { backends.contains { $0.health == .healthy } }

    package init(
        backends: [BackendStatus], version: String, groupRef: String, workflows: [WorkflowState.Status: Int]? = nil,
        optimizer: OptimizerStatus? = nil, reload: ReloadStatus? = nil
    ) {
        self.reload = reload
        (self.workflows, self.optimizer) = (workflows, optimizer)
        self.backends = backends
        self.version = version
        self.groupRef = groupRef
    }
}

/// What became of a configuration that was read again.
package struct ReloadStatus: Sendable, Equatable {
    /// Nanoseconds since 1970.
    package var time: UInt64
    /// Configurations that were taken over since the start.
    package var applied: Int
    /// Why the last one was not taken over, for people; empty when it was. Never a secret.
    package var errors: [String]

    package init(time: UInt64, applied: Int, errors: [String]) {
        (self.time, self.applied, self.errors) = (time, applied, errors)
    }
}

/// The optimizer in `/status`.
package struct OptimizerStatus: Sendable, Equatable {
    /// What compares tools by meaning.
    package struct Embedding: Sendable, Equatable {
        package var provider: String
        /// `nil` while not known.
        package var model: String?
        /// `starting`, `embedding`, `ready` or `failing`.
        package var state: String
        /// Tools that have vectors.
        package var embedded: Int
        /// Why it fails, for people; never a secret.
        package var message: String?

        package init(provider: String, model: String?, state: String, embedded: Int, message: String?) {
            self.provider = provider
            self.model = model
            self.state = state
            self.embedded = embedded
            self.message = message
        }
    }

    /// `hybrid` or `reference`.
    package var ranking: String
    /// Tools in the index.
    package var tools: Int
    /// `nil` when tools are found by keywords only.
    package var embedding: Embedding?

    package init(ranking: String, tools: Int, embedding: Embedding?) {
        self.ranking = ranking
        self.tools = tools
        self.embedding = embedding
    }
}

/// What the health monitor knows of one backend. Texts of errors are left out on purpose, only their category is shown.
package struct BackendHealthRecord: Sendable, Equatable {
    package enum Circuit: String, Sendable { case closed, open, halfOpen = "half-open" }

    package var name: String
    package var status: BackendHealth
    package var consecutiveFailures: Int
    /// Nanoseconds since 1970; 0 = never, shown as year 1. So the other times.
    package var lastCheckTime: UInt64
    /// Empty when there was no error.
    package var lastErrorCategory: String
    package var lastTransitionTime: UInt64
    package var circuit: Circuit
    package var circuitLastChanged: UInt64
    /// When it is looked at again; 0 = nothing is planned, and it is left out.
    package var nextCheckTime: UInt64
    package var mcpRevision: String?

    package init(
        name: String, status: BackendHealth, consecutiveFailures: Int = 0, lastCheckTime: UInt64 = 0,
        lastErrorCategory: String = "", lastTransitionTime: UInt64 = 0, circuit: Circuit = .closed,
        circuitLastChanged: UInt64 = 0, nextCheckTime: UInt64 = 0, mcpRevision: String? = nil
    ) {
        self.nextCheckTime = nextCheckTime
        self.name = name
        self.status = status
        self.consecutiveFailures = consecutiveFailures
        self.lastCheckTime = lastCheckTime
        self.lastErrorCategory = lastErrorCategory
        self.lastTransitionTime = lastTransitionTime
        self.circuit = circuit
        self.circuitLastChanged = circuitLastChanged
        self.mcpRevision = mcpRevision
    }
}

/// Knows what the documents beside the MCP endpoint show.
package protocol StatusProvider: Sendable {
    /// May wait for a first synchronisation, up to 5 s.
    func readiness() async -> Readiness
    /// Called on an event loop: answers from what is known.
    func status() -> GatewayStatus
    /// The metrics as text, with its media type; `nil` when they are not shown. Called on an event loop.
    func metrics() -> (text: [UInt8], contentType: String)?
    /// What a backend logged of late, the oldest first; `nil` when that is not shown. Called on an event loop.
    func lines(of backend: String) -> [String]?
    /// The monitor's records; `nil` when no monitor runs. Called on an event loop.
    func backendHealth() -> [BackendHealthRecord]?
}
