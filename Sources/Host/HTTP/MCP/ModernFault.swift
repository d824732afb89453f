import Gateway

/// An error of the ladder that every request of 2026-07-28 climbs, with the HTTP status that goes with it.
struct ModernFault: Error {
    let code: Int
    let message: String
    /// Raw JSON.
    var data: [UInt8]?

    /// The status for an error that is the whole answer (2026-07-28, Transports; other codes have none of their own).
    static func status(ofCode code: Int?) -> Int {
        switch code {
        case -32601: 404
        case -32700, -32600, -32602, ModernProtocol.headerMismatch, ModernProtocol.missingCapability,
            ModernProtocol.unsupportedVersion:
            400
        default: 200
        }
    }

    /// - Parameter id: The raw id of the request.
    func answer(id: [UInt8]?) -> HTTPResponse {
        EndpointFault.answer(Self.status(ofCode: code), code: code, message, id: id, data: data)
    }

    static func invalid(_ text: String) -> ModernFault { ModernFault(code: -32602, message: "Invalid params: \(text)") }

    static func invalidRequest(_ text: String) -> ModernFault {
        ModernFault(code: EndpointFault.invalidRequest, message: "Invalid Request: \(text)")
    }

    static func missing(_ header: String) -> ModernFault {
        ModernFault(
            code: ModernProtocol.headerMismatch, message: "The header \(header) is missing; this request needs it",
            data: data(header))
    }

    static func repeated(_ header: String) -> ModernFault {
        ModernFault(
            code: ModernProtocol.headerMismatch, message: "Expected one header \(header), found several",
            data: data(header))
    }

    /// - Parameters:
    ///   - found: The value of the header; `nil` leaves both values out, which may be what is secret in a call.
    ///   - expected: What the body says; `nil` when it says nothing.
    static func mismatch(_ header: String, found: String?, expected: String?) -> ModernFault {
        guard let found else {
            return ModernFault(
                code: ModernProtocol.headerMismatch, message: "The header \(header) does not match the body",
                data: data(header))
        }
        let shown = (header: String(found.prefix(200)), body: String((expected ?? "").prefix(200)))
        var data = Array("{\"header\":\"\(header)\",\"headerValue\":".utf8)
        data += JSONText.quote(shown.header) + Array(",\"bodyValue\":".utf8) + JSONText.quote(shown.body)
        return ModernFault(
            code: ModernProtocol.headerMismatch,
            message: "The header \(header) \"\(shown.header)\" does not match \"\(shown.body)\" in the body",
            data: data + [UInt8(ascii: "}")])
    }

    static func unsupported(version: String) -> ModernFault {
        let supported = ModernProtocol.supportedVersions.map { "\"\($0)\"" }.joined(separator: ",")
        let data = Array("{\"supported\":[\(supported)],\"requested\":".utf8) + JSONText.quote(version)
        return ModernFault(
            code: ModernProtocol.unsupportedVersion,
            message:
                "Unsupported protocol version \"\(version.prefix(100))\"; expected \(ModernProtocol.revision), or an earlier one after initialize",
            data: data + [UInt8(ascii: "}")])
    }

    static func unknown(method: String) -> ModernFault {
        ModernFault(code: -32601, message: "Method not found: \(method.prefix(200))")
    }

    private static func data(_ header: String) -> [UInt8] { Array("{\"header\":\(quoted(header))}".utf8) }
    private static func quoted(_ text: String) -> String { String(decoding: JSONText.quote(text), as: UTF8.self) }
}
