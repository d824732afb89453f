/// The parts of an http(s) URL that decide where something may be sent.
struct HTTPAddress: Sendable, Equatable {
    let isSecure: Bool
    /// In lower case; in brackets for IPv6.
    let host: String
    let port: Int
    /// Begins with a slash.
    let path: String

    /// - Returns: `nil` for what is no such URL, or has a user, a password or a fragment.
    init?(_ text: String) {
        let lower = text.lowercased()
        isSecure = lower.hasPrefix("https://")
        guard isSecure || lower.hasPrefix("http://"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            !text.contains("#"), !text.contains("\\")
        else { return nil }
        let rest = text.dropFirst(isSecure ? 8 : 7)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { return nil }
        let split = authority.hasPrefix("[") ? authority.firstIndex(of: "]").map { authority.index(after: $0) } : nil
        let name = split.map { authority[..<$0] } ?? authority.prefix { $0 != ":" }
        let end = authority.dropFirst(name.count)
        guard !name.isEmpty, end.isEmpty || end.hasPrefix(":") else { return nil }
        guard let port = end.count > 1 ? Int(end.dropFirst()) : isSecure ? 443 : 80, (1...65_535).contains(port) else {
            return nil
        }
        (host, self.port) = (name.lowercased(), port)
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        self.path = path.isEmpty ? "/" : String(path)
    }

    /// `https://host`, with the port unless it is the scheme's own.
    var origin: String {
        let isUsual = port == (isSecure ? 443 : 80)
        return "\(isSecure ? "https" : "http")://\(host)\(isUsual ? "" : ":\(port)")"
    }

    /// The path as a suffix: empty for the root, without a slash at its end.
    var suffix: String {
        let text = path.hasSuffix("/") ? path.dropLast() : path[...]
        return String(text)
    }

    var isLoopback: Bool { ["localhost", "127.0.0.1", "[::1]"].contains(host) }
    /// Nobody on the way can read or change what is said.
    var isTrustworthy: Bool { isSecure || isLoopback }

    /// Whether this, as the identifier of a resource, stands for `other`: the same, or above it at the same origin.
    func covers(_ other: HTTPAddress) -> Bool {
        origin == other.origin && (suffix == other.suffix || other.path.hasPrefix(suffix + "/"))
    }
}
