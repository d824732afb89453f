extension ResultStamp {
    /// The answer that asks the client for input (2026-07-28, `InputRequiredResult`).
    /// - Parameters:
    ///   - requests: `inputRequests` as raw JSON.
    ///   - state: `requestState` as a raw string.
    ///   - others: Further members of a backend's own result, `_meta` aside.
    func answer(
        askingFor requests: [UInt8]?, state: [UInt8], id: JSONSlice, meta: JSONSlice? = nil,
        others: [(key: String, value: JSONSlice)] = []
    ) -> [UInt8] {
        var result = Array("{\"resultType\":\"input_required\"".utf8)
        if let requests { result += Array(",\"inputRequests\":".utf8) + requests }
        result += Array(",\"requestState\":".utf8) + state
        for (key, value) in others {
            result.append(UInt8(ascii: ","))
            JSONText.append(key, to: &result)
            result.append(UInt8(ascii: ":"))
            result.append(contentsOf: value.bytes)
        }
        result += Array(",\"_meta\":".utf8) + ReservedMeta.replaced(in: meta, by: serverInfo) + [UInt8(ascii: "}")]
        return JSONRPCWriter.result(id: id.bytes, result)
    }
}

extension RequestFault {
    /// The client would have to declare more for this request to go on (2026-07-28, Error codes).
    static func missing(_ capabilities: InteractionSet) -> RequestFault {
        RequestFault(
            code: ModernProtocol.missingCapability,
            message: "Missing required client capability: \(capabilities.names.joined(separator: ", "))",
            data: Array("{\"requiredCapabilities\":".utf8) + capabilities.json + [UInt8(ascii: "}")])
    }
}
