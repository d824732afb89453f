/// What a client is told when the gateway itself must report about a call: the one place where outcomes become MCP answers.
///
/// A failed `tools/call` is a result with `isError`, so that the model can read it and react; other methods get
/// `-32603`. Both carry the same object. What a backend answered itself never comes here.
package enum FailureAnswer {
    /// The key in `_meta` of a result.
    package static let metaKey = "vmcp.dev/error"

    /// The whole JSON-RPC answer; `id` is raw JSON.
    package static func answer(id: [UInt8], method: String, backend: String, outcome: Outcome) -> [UInt8] {
        let object = detail(backend: backend, outcome: outcome)
        let text = text(backend: backend, outcome: outcome)
        guard method == "tools/call" else {
            return JSONRPCWriter.error(id: id, code: -32603, message: text, data: object)
        }
        var result = Array("{\"content\":[{\"type\":\"text\",\"text\":".utf8)
        JSONText.append(text, to: &result)
        result.append(contentsOf: "}],\"isError\":true,\"_meta\":{\"\(metaKey)\":".utf8)
        result.append(contentsOf: object)
        result.append(contentsOf: "}}".utf8)
        return JSONRPCWriter.result(id: id, result)
    }

    /// The answer to a list request while backends are away and the configuration says that lists fail then.
    package static func incomplete(id: [UInt8], missing: [String]) -> [UInt8] {
        let names = missing.map { String(decoding: JSONText.quote($0), as: UTF8.self) }.joined(separator: ",")
        return JSONRPCWriter.error(
            id: id, code: -32603,
            message:
                "The list is incomplete: not available: \(missing.joined(separator: ", ")) (partialFailureMode: fail)",
            data: Array("{\"category\":\"backend_unavailable\",\"missing\":[\(names)],\"retryable\":true}".utf8))
    }

    private static func text(backend: String, outcome: Outcome) -> String {
        let message = outcome.message.isEmpty ? sentence(outcome.status) : outcome.message
        return "Backend \"\(backend)\" (\(category(outcome))): \(message)"
    }

    private static func detail(backend: String, outcome: Outcome) -> [UInt8] {
        var out = Array("{\"category\":\"\(category(outcome))\",\"backend\":".utf8)
        JSONText.append(backend, to: &out)
        out.append(contentsOf: ",\"retryable\":\(isRetryable(outcome))".utf8)
        if outcome.retryAfter > 0 { out.append(contentsOf: ",\"retryAfterMs\":\(outcome.retryAfter)".utf8) }
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// The category of an outcome, as in ToolHive's health reports where those have a name for it.
    package static func category(_ outcome: Outcome) -> String {
        if let refusal = outcome.refusal { return refusal.rawValue }
        return switch outcome.status {
        case .ok, .internalError: "internal_error"
        case .invalid, .unsupported, .notFound: "request_refused"
        case .unauthenticated: "authentication_failed"
        case .forbidden: "forbidden"
        case .timeout: "timeout"
        case .cancelled: "cancelled"
        case .unavailable: outcome.httpStatus == 0 ? "connection_failed" : "backend_unavailable"
        case .protocolError: "protocol_error"
        case .exhausted: "limit_exceeded"
        }
    }

    private static func isRetryable(_ outcome: Outcome) -> Bool {
        switch outcome.status {
        case .timeout, .unavailable, .exhausted: true
        default: outcome.notSent
        }
    }

    private static func sentence(_ status: Outcome.Status) -> String {
        switch status {
        case .ok, .internalError: "the call ended without an answer"
        case .invalid: "the backend refused the request"
        case .unsupported: "the backend does not offer this"
        case .notFound: "the backend does not know this"
        case .unauthenticated: "the credential is missing or refused"
        case .forbidden: "the credential does not suffice"
        case .timeout: "no answer in time"
        case .cancelled: "the call was cancelled"
        case .unavailable: "the backend cannot be reached"
        case .protocolError: "the backend broke the protocol"
        case .exhausted: "a limit was reached"
        }
    }
}
