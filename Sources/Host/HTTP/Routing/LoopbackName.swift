/// Names and numeric addresses that mean this machine.
package enum LoopbackName {
    /// Whether a host, without port, is `localhost`, in 127.0.0.0/8, or `::1` (with or without brackets).
    ///
    /// Numeric addresses are as good as the name: a foreign page cannot make a browser write them for its own name,
    /// which is what DNS rebinding needs.
    package static func contains(_ host: some StringProtocol) -> Bool {
        if host == "localhost" || host == "127.0.0.1" { return true }
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
    static func host(of authority: Substring) -> Substring? {
        let text = authority.utf8
        let end: String.Index
        if text.first == UInt8(ascii: "[") {
            guard let bracket = text.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = text.index(after: bracket)
        } else {
            end = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        }
        guard end > text.startIndex else { return nil }
        guard end < text.endIndex else { return authority }
        let port = text[end...].dropFirst()
        guard text[end] == UInt8(ascii: ":"), port.count <= 5, port.allSatisfy(Self.isDigit) else { return nil }
        return authority[..<end]
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
