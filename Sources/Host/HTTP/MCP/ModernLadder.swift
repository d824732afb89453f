import Gateway

/// What a request of 2026-07-28 must fulfil before it is served, in the order in which the first failure answers
/// (2026-07-28, Transports, Server validation).
struct ModernLadder {
    private static let versionHeader = "MCP-Protocol-Version"
    /// Requests that repeat a member of their params in `Mcp-Name`.
    private static let named = [
        "tools/call": "name", "prompts/get": "name", "resources/read": "uri", "tasks/get": "taskId",
        "tasks/update": "taskId", "tasks/cancel": "taskId",
    ]

    private let request: JSONRPCMessage
    private let headers: HTTPFields

    /// - Parameter request: A request, not a notification.
    init(_ request: JSONRPCMessage, headers: HTTPFields) {
        self.request = request
        self.headers = headers
    }

    /// The raw id, if it is one that an answer may carry: a string or a whole number (2026-07-28, `RequestId`).
    var answerableID: [UInt8]? {
        guard let id = request.id else { return nil }
        if id.kind == .number, id.bytes.contains(where: { ".eE".utf8.contains($0) }) { return nil }
        return id.array
    }

    /// The steps that need no knowledge of backends: id, metadata, headers, version.
    func checkEnvelope() throws(ModernFault) {
        if answerableID == nil {
            throw .invalidRequest("\"id\" must be a string or a whole number")
        }
        let version = try version()
        try check("Mcp-Method", request.method)
        if let member = Self.named[request.method] {
            try check("Mcp-Name", request.params?[member]?.string, decoding: HeaderSentinel.decode)
        }
        guard version == ModernProtocol.revision else { throw .unsupported(version: version) }
    }

    /// The version that metadata and header agree on.
    private func version() throws(ModernFault) -> String {
        let meta = request.params?["_meta"]
        let fields = headers.all(Self.versionHeader.lowercased())
        // Metadata without the header is a mismatch rather than a lack of metadata.
        if fields.isEmpty { throw .missing(Self.versionHeader) }
        guard let version = meta?[ModernProtocol.versionKey]?.string else {
            throw .invalid("\"_meta\" needs \"\(ModernProtocol.versionKey)\", a string")
        }
        guard meta?[ModernProtocol.capabilitiesKey]?.kind == .object else {
            throw .invalid("\"_meta\" needs \"\(ModernProtocol.capabilitiesKey)\", an object")
        }
        try check(Self.versionHeader, version)
        return version
    }

    private func check(
        _ name: String, _ expected: String?, decoding decode: (String) -> String? = HeaderSentinel.trimmed
    ) throws(ModernFault) {
        let fields = headers.all(name.lowercased())
        guard let field = fields.first else { throw .missing(name) }
        guard fields.count == 1 else { throw .repeated(name) }
        guard let value = decode(field), let expected, value.utf8.elementsEqual(expected.utf8) else {
            throw .mismatch(name, found: field, expected: expected)
        }
    }

    /// The arguments of a `tools/call` that stand in headers too: both or neither, and equal.
    func checkParameters(_ parameters: [HeaderParameter]) throws(ModernFault) {
        for parameter in parameters {
            var argument = request.params?["arguments"]
            for key in parameter.path { argument = argument?[key] }
            if argument?.kind == .null { argument = nil }
            let name = "Mcp-Param-\(parameter.name)"
            let fields = headers.all(name.lowercased())
            if fields.count > 1 { throw .repeated(name) }
            switch (fields.first, argument) {
            case (nil, nil): break
            case (nil, _): throw .missing(name)
            case (let field?, let argument?) where Self.matches(field, argument): break
            default: throw .mismatch(name, found: nil, expected: nil)
            }
        }
    }

    private static func matches(_ field: String, _ argument: JSONSlice) -> Bool {
        guard let value = HeaderSentinel.decode(field) else { return false }
        switch argument.kind {
        case .string: return argument.string?.utf8.elementsEqual(value.utf8) == true
        case .bool: return argument.bytes.elementsEqual(value.utf8)
        case .number:
            guard let number = WholeNumber(Array(value.utf8)) else { return false }
            return number == WholeNumber(argument.array)
        case .object, .array, .null: return false
        }
    }
}
