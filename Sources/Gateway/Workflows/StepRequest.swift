/// The request that a step sends to a backend.
enum StepRequest {
    /// `tools/call` under the backend's own name. Id and progress token are replaced on the way; there is a token so that
    /// progress tells that the backend is alive.
    /// - Parameters:
    ///   - arguments: Raw JSON, an object.
    ///   - meta: Further members of `_meta`, raw.
    ///   - retry: What answers the questions of the backend, if it had any.
    static func message(
        _ tool: Catalog.Tool, arguments: [UInt8], meta: [(key: String, json: [UInt8])] = [],
        retry: NeededInput.Retry? = nil
    ) throws(JSONRPCMessage.Malformed) -> JSONRPCMessage {
        var params = Array("{\"name\":".utf8)
        JSONText.append(tool.originalName, to: &params)
        for (key, json) in [(RetryParams.responses, retry?.responses), (RetryParams.state, retry?.state)] {
            if let json { params += Array(",\"\(key)\":".utf8) + json }
        }
        params += Array(",\"arguments\":".utf8) + arguments
        params += ",\"_meta\":{\"progressToken\":0".utf8
        for (key, json) in meta { params += Array(",".utf8) + JSONText.quote(key) + Array(":".utf8) + json }
        params += "}}".utf8
        return try JSONRPCMessage(JSONRPCWriter.request(id: "0".utf8, method: "tools/call", params: params))
    }
}

/// Takes the one answer to a step's request.
struct StepReply: Sendable {
    let done: @Sendable (Result<JSONRPCMessage, StepFailure>) -> Void

    func answered(_ response: [UInt8]) {
        do throws(JSONRPCMessage.Malformed) { done(.success(try JSONRPCMessage(response))) } catch {
            failed("the answer is no JSON-RPC message: \(error)")
        }
    }

    func failed(_ text: String) { done(.failure(StepFailure(message: text))) }
}

/// Work that could not begin: there is nothing to cancel.
final class NoWork: WorkflowWork {
    func cancel() {}
}
