import CCurl

/// The request that asks for another protocol on its connection (RFC 9110, section 7.8), as bytes.
enum UpgradeRequest {
    /// What is asked for when the request names nothing: a raw stream, as container engines call it.
    private static let standard = "tcp"

    /// The head, and the body when there is one. Method, URL and headers have been checked.
    static func bytes(of transfer: HTTPTransfer) -> [UInt8] {
        let (target, host) = target(of: transfer.url)
        let given = transfer.headers
        let upgrade = given.last { $0.name.lowercased() == "upgrade" }?.value ?? standard
        let own = ["host", "connection", "upgrade", "content-length", "transfer-encoding", "expect", "keep-alive"]
        var text = "\(transfer.method) \(target) HTTP/1.1\r\n"
        text += "Host: \(given.last { $0.name.lowercased() == "host" }?.value ?? host)\r\n"
        text += "Connection: Upgrade\r\nUpgrade: \(upgrade)\r\n"
        for field in given where !own.contains(field.name.lowercased()) { text += "\(field.name): \(field.value)\r\n" }
        let sendsBody = !transfer.body.isEmpty || ["POST", "PUT", "PATCH"].contains(transfer.method)
        if sendsBody { text += "Content-Length: \(transfer.body.count)\r\n" }
        text += "\r\n"
        return Array(text.utf8) + transfer.body
    }

    /// Path with query, and host with port, as libcurl reads the URL.
    private static func target(of url: String) -> (path: String, host: String) {
        guard let parts = curl_url() else { return ("/", "") }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK else { return ("/", "") }
        func text(_ part: CURLUPart) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(parts, part, &text, 0) == CURLUE_OK, let text else { return nil }
            defer { curl_free(text) }
            return String(cString: text)
        }
        let path = (text(CURLUPART_PATH) ?? "/") + (text(CURLUPART_QUERY).map { "?\($0)" } ?? "")
        return (path, (text(CURLUPART_HOST) ?? "") + (text(CURLUPART_PORT).map { ":\($0)" } ?? ""))
    }
}
