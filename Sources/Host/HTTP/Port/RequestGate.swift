package import Gateway

/// Decides who may call the MCP endpoint.
package protocol RequestGate: Sendable {
    /// Judges a request at once by its head.
    /// - Returns: `nil` when that takes time: ``admit(_:)`` is asked then, once the body is there.
    func judge(_ head: HTTPRequest) -> GateVerdict?
    /// Judges a request, however long it takes.
    func admit(_ request: HTTPRequest) async -> GateVerdict
    /// What the gate itself serves, to everybody; `nil` for other paths.
    func document(for request: HTTPRequest) -> HTTPResponse?
}

/// What becomes of a request at the gate.
package enum GateVerdict: Sendable {
    case admitted(Principal)
    case refused(HTTPResponse)
}
