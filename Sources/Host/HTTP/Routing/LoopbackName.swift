/// Names and numeric addresses that mean this machine.
package enum LoopbackName {
    /// Whether a host, without port, is `localhost`, in 127.0.0.0/8, or `::1` (with or without brackets).
    ///
    /// Numeric addresses are as good as the name: a foreign page cannot make a browser write them for its own name,
    /// which is what DNS rebinding needs.
    package static func contains(_ host: some StringProtocol) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "[::1]" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "127" else { return false }
        return parts.allSatisfy { part in
            (1...3).contains(part.utf8.count) && part.utf8.allSatisfy(Self.isDigit)
                && Int(part).map { $0 < 256 } == true
        }
    }

    /// The host of an authority `host[:port]`; `nil` when what follows the host is not a port.
    static func host(of authority: some StringProtocol) -> String? {
        let text = String(authority)
        let end: String.Index
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { return nil }
            end = text.index(after: bracket)
        } else {
            end = text.firstIndex(of: ":") ?? text.endIndex
        }
        let rest = text[end...]
        guard !text[..<end].isEmpty else { return nil }
        if rest.isEmpty { return String(text[..<end]) }
        let port = rest.dropFirst()
        guard rest.first == ":", port.utf8.count <= 5, port.utf8.allSatisfy(Self.isDigit) else { return nil }
        return String(text[..<end])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
