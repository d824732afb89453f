/// An error as a client of 2026-07-28 gets it.
struct RequestFault: Error, Sendable {
    let code: Int
    /// The raw error object.
    let json: [UInt8]

    /// - Parameter data: Raw JSON.
    init(code: Int, message: String, data: [UInt8]? = nil) {
        self.init(code: code, rawMessage: JSONText.quote(message), data: data)
    }

    private init(code: Int, rawMessage: [UInt8], data: [UInt8]?) {
        self.code = code
        var json = Array("{\"code\":\(code),\"message\":".utf8) + rawMessage
        if let data { json += Array(",\"data\":".utf8) + data }
        self.json = json + [UInt8(ascii: "}")]
    }

    static func invalid(_ text: String) -> RequestFault {
        RequestFault(code: -32602, message: "Invalid params: \(text)")
    }

    static func notFound(uri: String) -> RequestFault {
        RequestFault(code: -32602, message: "Resource not found", data: data(uri: uri))
    }

    private static func data(uri: String) -> [UInt8] {
        Array("{\"uri\":".utf8) + JSONText.quote(uri) + [UInt8(ascii: "}")]
    }

    /// What a backend with sessions answered, in the terms of this revision.
    ///
    /// "Resource not found" has another code; codes that mean something else now, or nothing at all, become an internal
    /// error with the backend's own message and data (2026-07-28, Error codes).
    init(translating error: JSONSlice, of request: JSONRPCMessage) {
        guard let code = error["code"]?.integer else {
            self.init(code: -32603, message: "The backend answered with an error that has no code")
            return
        }
        let message = error["message"].flatMap { $0.kind == .string ? $0.array : nil } ?? JSONText.quote("No message")
        let data = error["data"]?.array
        switch code {
        case -32002:
            let hasURI = error["data"]?["uri"]?.kind == .string
            let uri = request.params?["uri"]?.string
            self.init(code: -32602, rawMessage: message, data: hasURI ? data : uri.map(Self.data) ?? data)
        case -32603, -32602, -32601, ModernProtocol.missingCapability:
            self.init(code: code, rawMessage: message, data: data)
        case -32768...(-32000): self.init(code: -32603, rawMessage: message, data: data)
        default: self.init(code: code, rawMessage: message, data: data)
        }
    }
}
