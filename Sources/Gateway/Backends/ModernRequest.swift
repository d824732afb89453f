/// Writes requests as a backend of 2026-07-28 wants them: everything that a handshake would have said stands in `_meta`,
/// and over HTTP what routes them stands in headers too (2026-07-28, basic protocol, `_meta`; Transports, headers).
struct ModernRequest: Sendable {
    /// The gateway's own `clientInfo`, raw.
    private let ownInfo: [UInt8]
    private let takesLogLevel: Bool

    init(_ identity: GatewayIdentity, server: BackendServer?) {
        ownInfo = identity.json
        takesLogLevel = server?.offersLogging == true
    }

    /// Notes the edits that give a client's request its `_meta`.
    /// - Parameter progressToken: Ours; takes the place of the client's.
    func adapt(
        _ params: JSONSlice, origin: RequestOrigin, progressToken: [UInt8], into splice: inout JSONSplice
    ) {
        let meta = params["_meta"]
        let bytes = self.meta(of: origin, keeping: meta, progressToken: progressToken)
        if let meta { return splice.replace(meta.range, with: bytes) }
        let start = params.range.lowerBound + 1
        let comma = params.isEmptyObject ? [] : [UInt8(ascii: ",")]
        splice.replace(start..<start, with: Array("\"_meta\":".utf8) + bytes + comma)
    }

    /// The params of a request of the gateway's own.
    /// - Parameter params: A raw object without `_meta`.
    func own(_ params: [UInt8]?, of origin: RequestOrigin = .gateway) -> [UInt8] {
        var out = Array("{\"_meta\":".utf8) + meta(of: origin, keeping: nil, progressToken: nil)
        if let params, let object = params.dropFirst().first(where: { $0 > 0x20 }), object != UInt8(ascii: "}") {
            out.append(UInt8(ascii: ","))
            out.append(contentsOf: params.dropFirst())
        } else {
            out.append(UInt8(ascii: "}"))
        }
        return out
    }

    private func meta(of origin: RequestOrigin, keeping meta: JSONSlice?, progressToken: [UInt8]?) -> [UInt8] {
        var out = Array("{\"\(ModernProtocol.versionKey)\":\"\(ModernProtocol.revision)\"".utf8)
        func add(_ key: String, _ value: some Sequence<UInt8>) {
            out.append(UInt8(ascii: ","))
            JSONText.append(key, to: &out)
            out.append(UInt8(ascii: ":"))
            out.append(contentsOf: value)
        }
        add(ModernProtocol.clientInfoKey, origin.clientInfo ?? ownInfo)
        add(ModernProtocol.capabilitiesKey, origin.declared)
        if takesLogLevel, let level = origin.logLevel { add(ModernProtocol.logLevelKey, "\"\(level.rawValue)\"".utf8) }
        if let meta { RequestMeta.append(meta, progressToken: progressToken, to: &out) }
        out.append(UInt8(ascii: "}"))
        return out
    }

    // MARK: - Headers

    /// The member of the params that `Mcp-Name` repeats.
    private static let named = [
        "tools/call": "name", "prompts/get": "name", "resources/read": "uri", "tasks/get": "taskId",
        "tasks/update": "taskId", "tasks/cancel": "taskId",
    ]

    /// What the transport's headers repeat of a request; the version is added with every message.
    /// - Parameters:
    ///   - splice: The edits that give the request the backend's own names.
    ///   - parameters: Those of the tool that is called, by the backend's own name.
    static func headers(
        method: String, params: JSONSlice?, splice: JSONSplice, parameters: (String) -> [HeaderParameter]
    ) -> [Header] {
        var headers = [Header("Mcp-Method", method)]
        guard let member = named[method], let value = params?[member] else { return headers }
        let raw = splice.result(for: value)
        guard let name = JSONSlice(base: raw, range: raw.indices).string else { return headers }
        headers.append(Header("Mcp-Name", HeaderSentinel.encode(name)))
        guard method == "tools/call", let arguments = params?["arguments"] else { return headers }
        for parameter in parameters(name) {
            let found = parameter.path.reduce(Optional(arguments)) { $0?[$1] }
            guard let text = found.flatMap(Self.text) else { continue }
            headers.append(Header("Mcp-Param-\(parameter.name)", HeaderSentinel.encode(text)))
        }
        return headers
    }

    /// An argument as a header has it; `nil` for one that is absent, null, or of a kind that no header has.
    private static func text(_ value: JSONSlice) -> String? {
        switch value.kind {
        case .string: value.string
        case .bool, .number: String(decoding: value.bytes, as: UTF8.self)
        case .null, .object, .array: nil
        }
    }
}
