import CCurl

/// Turns a request into options of an easy handle.
struct TransferSetup {
    let trust: TrustStore
    let proxies: ProxySettings

    /// What is wrong with a request, found before anything is done.
    static func objection(to request: HTTPRequest) -> String? {
        if request.method.isEmpty || !request.method.utf8.allSatisfy(isTokenByte) {
            return "the method is not a token of RFC 9110"
        }
        for field in request.headers {
            if let objection = objection(to: field) { return objection }
        }
        if request.url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            return "the URL holds a space or a control character"
        }
        return nil
    }

    /// What is wrong with a header, which would otherwise end up in other headers or the body. Never names its value.
    static func objection(to field: HTTPField) -> String? {
        if field.name.isEmpty || !field.name.utf8.allSatisfy(isTokenByte) {
            return "a header name is not a token of RFC 9110"
        }
        if field.value.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) {
            return "the value of the header \(field.name) holds a line end or a zero byte"
        }
        return nil
    }

    /// Sets everything for the transfer's next round.
    ///
    /// - Throws: ``ServiceOutcome`` when that cannot be done.
    func apply(_ transfer: HTTPTransfer, to easy: EasyHandle) throws(ServiceOutcome) {
        let request = transfer.request
        easy.reset()
        easy.set(CURLOPT_URL, transfer.url)
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        // Signals are the process's, not libcurl's; the host ignores SIGPIPE.
        easy.set(CURLOPT_NOSIGNAL, 1)
        easy.set(CURLOPT_TCP_NODELAY, 1)
        easy.set(CURLOPT_TCP_KEEPALIVE, 1)
        easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // All codings libcurl can undo.
        easy.set(CURLOPT_ACCEPT_ENCODING, "")
        // libcurl refuses more than an int holds.
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, Int(Int32(clamping: request.connectTimeout)))
        ccurl_set_size(
            easy.pointer, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(clamping: request.maxResponseBytes))
        setRoute(transfer, easy)
        try setTrust(request, easy)
        setMethod(transfer, easy)
        guard easy.lend(headers: headerLines(transfer)) else {
            throw ServiceOutcome(.exhausted, "no memory for the headers", notSent: true)
        }
        transfer.installCallbacks(on: easy)
    }

    private func setRoute(_ transfer: HTTPTransfer, _ easy: EasyHandle) {
        if transfer.request.unixSocket.isEmpty {
            transfer.proxy = proxies.proxy(for: transfer.origin)
        } else {
            transfer.proxy = ""
            easy.set(CURLOPT_UNIX_SOCKET_PATH, transfer.request.unixSocket)
        }
        // Empty: none, whatever the environment says.
        easy.set(CURLOPT_PROXY, transfer.proxy)
        // Also keeps libcurl from reading no_proxy.
        easy.set(CURLOPT_NOPROXY, "")
    }

    private func setTrust(_ request: HTTPRequest, _ easy: EasyHandle) throws(ServiceOutcome) {
        if !request.caBundle.isEmpty {
            easy.lend(try trust.bundle(adding: request.caBundle))
        } else if let path = trust.systemPath {
            easy.set(CURLOPT_CAINFO, path)
        }
    }

    private func setMethod(_ transfer: HTTPTransfer, _ easy: EasyHandle) {
        switch transfer.method {
        case "HEAD":
            easy.set(CURLOPT_NOBODY, 1)
        case "GET" where transfer.body.isEmpty:
            easy.set(CURLOPT_HTTPGET, 1)
        case "POST", "PUT", "PATCH":
            easy.lend(body: transfer.body)
            easy.set(CURLOPT_CUSTOMREQUEST, transfer.method)
        default:
            if !transfer.body.isEmpty { easy.lend(body: transfer.body) }
            easy.set(CURLOPT_CUSTOMREQUEST, transfer.method)
        }
    }

    private func headerLines(_ transfer: HTTPTransfer) -> [String] {
        // With an empty value libcurl wants a semicolon, and a colon alone takes away a header of its own.
        let headers = transfer.credential.applied(to: transfer.headers)
            .filter { !TransferSetup.framing.contains($0.name.lowercased()) }
        var lines = headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        lines.append("Expect:")
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        return lines
    }

    /// What says where a message ends is libcurl's to write: another value would let one request look like two.
    private static let framing: Set<String> = [
        "content-length", "transfer-encoding", "connection", "keep-alive", "expect", "upgrade",
    ]

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
