import Gateway

/// Answers that the server gives by itself, before a handler sees a request.
///
/// The bodies are JSON-RPC errors without an id, which an MCP client can read (2025-11-25, Transports: an error
/// response that has no `id`). All have code -32600, Invalid Request: what came is no request that could be served.
enum ServerFault {
    static func badRequest(_ text: String) -> HTTPResponse { fault(400, "Bad Request: \(text)") }

    static let headTimeout = fault(408, "Request Timeout: the request was not complete in time")
    static let headersTooLarge = fault(
        431, "Request Header Fields Too Large: send fewer or shorter header fields")

    static func bodyTooLarge(limit: Int) -> HTTPResponse {
        fault(413, "Content Too Large: the body may have at most \(limit) bytes (operational.limits.requestBytes)")
    }

    static func expectation(_ value: String) -> HTTPResponse {
        fault(417, "Expectation Failed: expected \"100-continue\", found \"\(value)\"")
    }

    static func forbidden(_ text: String) -> HTTPResponse { fault(403, "Forbidden: \(text)") }

    private static func fault(_ status: Int, _ message: String) -> HTTPResponse {
        var body = Array("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":".utf8)
        JSONText.append(message, to: &body)
        body.append(contentsOf: "}}".utf8)
        return .json(status, body)
    }
}
