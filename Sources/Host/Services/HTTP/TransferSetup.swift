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
        if breaksLine(field.value) {
            return "the value of the header \(field.name) holds a line end or a zero byte"
        }
        return nil
    }

    /// Whether it holds a line end or a zero byte. Each byte without a branch, so that it becomes vector instructions.
    private static func breaksLine(_ value: String) -> Bool {
        var (value, found) = (value, 0 as UInt8)
        value.withUTF8 { bytes in
            for byte in bytes { found |= (byte == 0 ? 1 : 0) | (byte == 0x0A ? 1 : 0) | (byte == 0x0D ? 1 : 0) }
        }
        return found != 0
    }

    /// Where the transfer's next round goes through, and what a handle for it is set to.
    func preset(for transfer: HTTPTransfer) -> TransferPreset {
        transfer.proxy = transfer.request.unixSocket.isEmpty ? proxies.proxy(for: transfer.origin) : ""
        return TransferPreset(transfer)
    }

    /// Sets everything for the transfer's next round: all of it, or only what the handle is not set to already.
    ///
    /// - Throws: ``ServiceOutcome`` when that cannot be done.
    func apply(_ transfer: HTTPTransfer, _ preset: TransferPreset, to easy: EasyHandle) throws(ServiceOutcome) {
        if easy.preset == preset {
            easy.releaseBorrowed()
        } else {
            try apply(preset, transfer, to: easy)
            HTTPTransfer.installCallbacks(on: easy)
            easy.preset = preset
        }
        if preset.sendsBody { easy.lend(body: transfer.body) }
        guard lendHeaders(transfer, easy) else {
            throw ServiceOutcome(.exhausted, "no memory for the headers", notSent: true)
        }
        transfer.becomeContext(of: easy)
    }

    private func apply(
        _ preset: TransferPreset, _ transfer: HTTPTransfer, to easy: EasyHandle
    ) throws(ServiceOutcome) {
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
        // libcurl undoes every coding it knows; `acceptEncoding` says which are asked for.
        easy.set(CURLOPT_ACCEPT_ENCODING, "")
        // libcurl refuses more than an int holds.
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, Int(Int32(clamping: request.connectTimeout)))
        ccurl_set_size(
            easy.pointer, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(clamping: request.maxResponseBytes))
        if !request.unixSocket.isEmpty { easy.set(CURLOPT_UNIX_SOCKET_PATH, request.unixSocket) }
        // Empty: none, whatever the environment says.
        easy.set(CURLOPT_PROXY, preset.proxy)
        // Also keeps libcurl from reading no_proxy.
        easy.set(CURLOPT_NOPROXY, "")
        try setTrust(request, easy)
        if preset.isDuplex {
            // One connection for this exchange alone, through a proxy by CONNECT, and in no other version: only HTTP/1.1
            // has upgrades (RFC 9110, section 7.8).
            easy.set(CURLOPT_CONNECT_ONLY, 1)
            easy.set(CURLOPT_FRESH_CONNECT, 1)
            easy.set(CURLOPT_HTTPPROXYTUNNEL, preset.proxy.isEmpty ? 0 : 1)
            easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        }
        switch preset.method {
        case "HEAD": easy.set(CURLOPT_NOBODY, 1)
        case "GET" where !preset.sendsBody: easy.set(CURLOPT_HTTPGET, 1)
        default: easy.set(CURLOPT_CUSTOMREQUEST, preset.method)
        }
    }

    private func setTrust(_ request: HTTPRequest, _ easy: EasyHandle) throws(ServiceOutcome) {
        if !request.caBundle.isEmpty {
            easy.lend(try trust.bundle(adding: request.caBundle))
        } else if let path = trust.systemPath {
            easy.set(CURLOPT_CAINFO, path)
        }
    }

    /// - Returns: Whether there was memory for all.
    private func lendHeaders(_ transfer: HTTPTransfer, _ easy: EasyHandle) -> Bool {
        var line: [UInt8] = []
        func lend() -> Bool {
            line.append(0)
            return line.withUnsafeBytes { bytes in
                bytes.withMemoryRebound(to: CChar.self) { easy.lend(headerLine: $0.baseAddress!) }
            }
        }
        var (hasContentType, hasCodings) = (false, false)
        for field in transfer.credential.applied(to: transfer.headers) where !Self.isFraming(field.name) {
            hasContentType = hasContentType || Self.equals(field.name, "content-type")
            hasCodings = hasCodings || Self.equals(field.name, "accept-encoding")
            line.removeAll(keepingCapacity: true)
            line.append(contentsOf: field.name.utf8)
            // With an empty value libcurl wants a semicolon.
            line.append(contentsOf: field.value.isEmpty ? ";".utf8 : ": ".utf8)
            line.append(contentsOf: field.value.utf8)
            guard lend() else { return false }
        }
        // A colon alone takes away a header of libcurl's own.
        guard easy.lend(headerLine: "Expect:"), hasContentType || easy.lend(headerLine: "Content-Type:"),
            hasCodings || Self.acceptEncoding.withUnsafeBufferPointer({ easy.lend(headerLine: $0.baseAddress!) })
        else { return false }
        easy.useHeaders()
        return true
    }

    /// The header line, ended by a zero, that asks for the codings libcurl can undo. It would write such a line by itself,
    /// byte by byte and twice, which is a fortieth of all instructions of a small call.
    private static let acceptEncoding: [CChar] = {
        let features = Int(curl_version_info(CURLVERSION_FIRST).pointee.features)
        let known = [(1 << 3, "gzip"), (1 << 23, "br"), (1 << 26, "zstd")]  // CURL_VERSION_LIBZ, _BROTLI, _ZSTD
        let codings = known.filter { features & $0.0 != 0 }.map(\.1)
        return Array("Accept-Encoding: \(codings.isEmpty ? "identity" : codings.joined(separator: ", "))".utf8CString)
    }()

    /// What says where a message ends is libcurl's to write: another value would let one request look like two.
    private static let framing = [
        "content-length", "transfer-encoding", "connection", "keep-alive", "expect", "upgrade",
    ]

    private static func isFraming(_ name: String) -> Bool { framing.contains { equals(name, $0) } }

    /// Header names are ASCII, and case does not matter in them (RFC 9110, section 5.1).
    private static func equals(_ name: String, _ lowercase: String) -> Bool {
        name.utf8.count == lowercase.utf8.count
            && zip(name.utf8, lowercase.utf8).allSatisfy { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        // Most bytes of header names.
        case 0x61...0x7A, 0x41...0x5A, 0x2D, 0x30...0x39: true
        default: "!#$%&'*+.^_`|~".utf8.contains(byte)
        }
    }
}
