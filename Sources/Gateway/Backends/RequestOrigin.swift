/// On whose behalf a request goes to a backend: what the request itself says of its client to a backend of 2026-07-28,
/// where no handshake has said it before (2026-07-28, basic protocol, `_meta`).
struct RequestOrigin: Sendable {
    /// Most bytes of a `clientInfo` that is handed on; it is display only, and kept for as long as a session lives.
    static let maximumClientInfo = 16_384

    /// The client's own `clientInfo`, raw; `nil` when it gave none, or one that is no object or too large.
    let clientInfo: [UInt8]?
    /// What the client can be asked in the course of this request.
    let capabilities: ClientCapabilities
    /// The lowest level of log messages that it wants; `nil` = none at all.
    let logLevel: LogLevel?

    init(clientInfo: JSONSlice?, capabilities: ClientCapabilities, logLevel: LogLevel?) {
        let usable = clientInfo.flatMap { $0.kind == .object && $0.range.count <= Self.maximumClientInfo ? $0 : nil }
        self.init(rawClientInfo: usable?.array, capabilities: capabilities, logLevel: logLevel)
    }

    /// - Parameter rawClientInfo: An object of at most ``maximumClientInfo`` bytes.
    private init(rawClientInfo: [UInt8]?, capabilities: ClientCapabilities, logLevel: LogLevel?) {
        (clientInfo, self.capabilities, self.logLevel) = (rawClientInfo, capabilities, logLevel)
    }

    /// A request of the gateway's own: nobody can be asked anything, and nobody reads logs.
    static let gateway = RequestOrigin(rawClientInfo: nil, capabilities: .none, logLevel: nil)

    /// The same client, wanting log messages of another level.
    func wanting(_ level: LogLevel?) -> RequestOrigin {
        RequestOrigin(rawClientInfo: clientInfo, capabilities: capabilities, logLevel: level)
    }
}
