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
    /// Whether a call may become a task, as far as the client is concerned (2026-07-28, extension
    /// `io.modelcontextprotocol/tasks`).
    let takesTasks: Bool
    /// ``capabilities`` and extensions as 2026-07-28 writes them, raw.
    let declared: [UInt8]

    init(
        clientInfo: JSONSlice?, capabilities: ClientCapabilities, logLevel: LogLevel?, takesTasks: Bool = false
    ) {
        let usable = clientInfo.flatMap { $0.kind == .object && $0.range.count <= Self.maximumClientInfo ? $0 : nil }
        self.init(
            rawClientInfo: usable?.array, capabilities: capabilities, logLevel: logLevel, takesTasks: takesTasks,
            declared: Self.declaration(capabilities, takesTasks: takesTasks))
    }

    /// - Parameter rawClientInfo: An object of at most ``maximumClientInfo`` bytes.
    private init(
        rawClientInfo: [UInt8]?, capabilities: ClientCapabilities, logLevel: LogLevel?, takesTasks: Bool,
        declared: [UInt8]
    ) {
        (clientInfo, self.capabilities, self.logLevel) = (rawClientInfo, capabilities, logLevel)
        (self.takesTasks, self.declared) = (takesTasks, declared)
    }

    /// What was said of elicitation before it had modes means forms, and roots have no settings any more
    /// (2026-07-28, `ClientCapabilities`).
    private static func declaration(_ capabilities: ClientCapabilities, takesTasks: Bool) -> [UInt8] {
        let tasks = takesTasks ? TasksExtension.declaration : ""
        guard capabilities.isInteractive else { return Array("{\(tasks)}".utf8) }
        let json = JSONSlice(base: capabilities.json, range: capabilities.json.indices)
        var splice = JSONSplice()
        if let elicitation = json["elicitation"], elicitation["form"] == nil, elicitation["url"] == nil {
            splice.replace(elicitation.range, with: Array(#"{"form":{}}"#.utf8))
        }
        if let roots = json["roots"] { splice.replace(roots.range, with: Array("{}".utf8)) }
        if takesTasks {
            // Something is declared, so that a comma fits.
            let start = json.range.lowerBound + 1
            splice.replace(start..<start, with: Array("\(tasks),".utf8))
        }
        return splice.apply(to: json)
    }

    /// A request of the gateway's own: nobody can be asked anything, and nobody reads logs.
    static let gateway = RequestOrigin(clientInfo: nil, capabilities: .none, logLevel: nil)

    /// The gateway itself, asking about tasks of its clients.
    static let gatewayWithTasks = RequestOrigin(
        clientInfo: nil, capabilities: .none, logLevel: nil, takesTasks: true)

    /// The same client, wanting log messages of another level.
    func wanting(_ level: LogLevel?) -> RequestOrigin {
        RequestOrigin(
            rawClientInfo: clientInfo, capabilities: capabilities, logLevel: level, takesTasks: takesTasks,
            declared: declared)
    }
}
