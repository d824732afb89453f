/// How a backend is, for people and for `/status`.
package struct BackendStatus: Sendable, Equatable {
    package enum Phase: String, Sendable { case starting, ready, down }

    package let name: String
    package let kind: String
    package let transport: String
    package let authType: String
    package var phase = Phase.starting
    /// One sentence: what it is doing, or why its part is missing. Empty when all is well.
    package var message = ""
    /// The category of the last failure (``FailureAnswer/category(_:)``); empty when all is well.
    package var category = ""
    /// Attempts that failed since the last success.
    package var consecutiveFailures = 0
    /// When it was last heard of, in milliseconds on the monotonic clock; 0 = never.
    package var lastCheck: UInt64 = 0
    /// When its phase last changed, likewise.
    package var lastTransition: UInt64 = 0
    /// The revision spoken with it; `nil` while unknown.
    package var revision: BackendRevision?
    /// Kinds that could not be listed, with the reason.
    package var failedKinds: [OfferKind: String] = [:]

    init(_ descriptor: BackendDescriptor) {
        name = descriptor.name
        kind = descriptor.kind
        transport = descriptor.transport
        authType = descriptor.authType
    }

    mutating func become(_ phase: Phase, now: UInt64) {
        if self.phase != phase { lastTransition = now }
        (self.phase, lastCheck) = (phase, now)
        consecutiveFailures = phase == .down ? consecutiveFailures + 1 : 0
    }

    /// The word for it in `/status`, as ToolHive has them.
    package var health: String {
        switch phase {
        case .starting: "unknown"
        case .ready: failedKinds.isEmpty ? "healthy" : "degraded"
        case .down: category == "authentication_failed" ? "unauthenticated" : "unhealthy"
        }
    }
}
