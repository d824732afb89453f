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
    /// The revision spoken with it; `nil` while unknown.
    package var revision: ProtocolRevision?
    /// Kinds that could not be listed, with the reason.
    package var failedKinds: [OfferKind: String] = [:]

    init(_ descriptor: BackendDescriptor) {
        name = descriptor.name
        kind = descriptor.kind
        transport = descriptor.transport
        authType = descriptor.authType
    }

    /// The health word of spec 04, section 6.
    package var health: String {
        switch phase {
        case .starting: "unknown"
        case .ready: failedKinds.isEmpty ? "healthy" : "degraded"
        case .down: category == "authentication_failed" ? "unauthenticated" : "unhealthy"
        }
    }
}
