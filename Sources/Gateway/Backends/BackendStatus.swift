/// How a backend is, for people and for `/status`.
package struct BackendStatus: Sendable, Equatable {
    package enum Phase: String, Sendable { case starting, ready, down }

    package let name: String
    package private(set) var kind: String
    package private(set) var transport: String
    package private(set) var authType: String
    /// Whether its part is in the catalogue.
    package var phase = Phase.starting
    /// One sentence: what it is doing, or why its part is missing. Empty when all is well.
    package var message = ""
    /// Why its part is missing (``FailureAnswer/category(_:)``); empty while it is there.
    package var category = ""
    /// The revision spoken with it; `nil` while unknown.
    package var revision: BackendRevision?
    /// Kinds that could not be listed, with the reason.
    package var failedKinds: [OfferKind: String] = [:]
    /// What calls and probes showed.
    package var vitals = HealthState()
    /// When it is looked at again, in milliseconds on the monotonic clock; `nil` while nothing is planned.
    package var nextTry: UInt64?

    init(_ descriptor: BackendDescriptor) {
        name = descriptor.name
        kind = descriptor.kind
        transport = descriptor.transport
        authType = descriptor.authType
    }

    /// Takes over what the configuration says of it now.
    mutating func describe(_ descriptor: BackendDescriptor) {
        (kind, transport, authType) = (descriptor.kind, descriptor.transport, descriptor.authType)
    }

    /// The category of the last failure (``FailureAnswer/category(_:)``); empty when all is well.
    package var lastError: String { vitals.lastFailure.map(FailureAnswer.category) ?? category }

    /// The word for it in `/status`, as ToolHive has them.
    package var health: String {
        switch phase {
        case .starting: "unknown"
        case .ready: failedKinds.isEmpty && vitals.status != .degraded ? "healthy" : "degraded"
        case .down: category == "authentication_failed" ? "unauthenticated" : "unhealthy"
        }
    }
}
