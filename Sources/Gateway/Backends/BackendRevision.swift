/// The revision spoken with a backend.
package enum BackendRevision: Sendable, Equatable {
    /// With the `initialize` handshake and a session.
    case handshake(ProtocolRevision)
    /// 2026-07-28: no session, everything is in the request.
    case modern

    /// As it is written in the protocol.
    package var text: String {
        switch self {
        case .handshake(let revision): revision.rawValue
        case .modern: ModernProtocol.revision
        }
    }
}
