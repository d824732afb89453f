import CCurl

/// Scheme, host and port of a URL: what a redirect must not leave.
struct Origin: Equatable, CustomStringConvertible {
    let scheme: String
    /// In lower case; IPv6 in brackets.
    let host: String
    let port: String
    var description: String { "\(scheme)://\(host):\(port)" }

    /// Whether the host is this machine by its name or address.
    var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        guard let address = IPAddress(host) else { return false }
        return address.isWithin([127, 0, 0, 0], 8) || address == IPAddress("::1")
    }

    /// - Parameter url: Absolute, as libcurl parses it: a second parser could see another host than the one that is
    ///   connected to.
    init?(_ url: String) {
        guard let parts = curl_url() else { return nil }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK else { return nil }
        self.init(parts)
    }

    /// Where a redirect leads, and what its origin is.
    static func resolve(_ location: String, from url: String) -> (url: String, origin: Origin)? {
        guard let parts = curl_url() else { return nil }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK,
            curl_url_set(parts, CURLUPART_URL, location, 0) == CURLUE_OK,
            let absolute = text(of: CURLUPART_URL, in: parts, 0), let origin = Origin(parts)
        else { return nil }
        return (absolute, origin)
    }

    private init?(_ parts: OpaquePointer) {
        guard let scheme = Origin.text(of: CURLUPART_SCHEME, in: parts, 0)?.lowercased(),
            let host = Origin.text(of: CURLUPART_HOST, in: parts, 0)?.lowercased(), !host.isEmpty,
            let port = Origin.text(of: CURLUPART_PORT, in: parts, UInt32(CURLU_DEFAULT_PORT))
        else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    private static func text(of part: CURLUPart, in parts: OpaquePointer, _ flags: UInt32) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
