import Gateway

/// Answers requests of the modern era while only revisions with sessions are served here.
enum ModernRefusal {
    /// `UnsupportedProtocolVersionError` of 2026-07-28.
    private static let unsupportedVersion = -32022

    static func answer(_ message: JSONRPCMessage, requested: String) -> HTTPResponse {
        switch message.kind {
        case .notification: return HTTPResponse(202)
        case .response:
            return EndpointFault.answer(400, "Invalid Request: expected a request or a notification, found a response")
        case .request:
            let served = ProtocolRevision.allCases.sorted(by: >).map(\.rawValue)
            var data = Array("{\"supported\":[".utf8)
            data.append(contentsOf: served.map(JSONText.quote).joined(separator: [UInt8(ascii: ",")]))
            data.append(contentsOf: "],\"requested\":".utf8)
            JSONText.append(requested, to: &data)
            data.append(UInt8(ascii: "}"))
            return EndpointFault.answer(
                400, code: unsupportedVersion,
                "Unsupported protocol version: this endpoint serves \(served.joined(separator: ", ")) after initialize",
                id: message.id?.array, data: data)
        }
    }
}
