import Gateway

/// What the MCP endpoint answers to requests that it does not serve.
///
/// The code is -32600 wherever JSON-RPC has no code of its own for the case: SDKs use -32000 and -32001, which have no
/// meaning to rely on, and clients decide on the HTTP status anyway.
enum EndpointFault {
    static let invalidRequest = -32600

    /// - Parameter id: The raw id of the request that is answered; `nil` when it has none or none could be read.
    static func answer(
        _ status: Int, code: Int = invalidRequest, _ message: String, id: [UInt8]? = nil, data: [UInt8]? = nil,
        headers: [Header] = []
    ) -> HTTPResponse {
        .json(status, JSONRPCWriter.error(id: id, code: code, message: message, data: data), headers: headers)
    }

    static func malformed(_ error: JSONRPCMessage.Malformed) -> HTTPResponse {
        answer(400, code: error.code, error.description, id: error.id)
    }

    static func missingSession(id: [UInt8]?) -> HTTPResponse {
        answer(400, "Bad Request: expected an Mcp-Session-Id header; send initialize first", id: id)
    }

    static func unknownSession(id: [UInt8]?) -> HTTPResponse {
        answer(404, "Session not found: it ended, expired, or is not yours; send initialize again", id: id)
    }

    static func repeated(_ header: String, id: [UInt8]?) -> HTTPResponse {
        answer(400, "Bad Request: expected one \(header) header, found several", id: id)
    }

    static let methodNotAllowed = answer(
        405, "Method Not Allowed: expected POST, GET or DELETE", headers: [Header("Allow", "GET, POST, DELETE")])
}
