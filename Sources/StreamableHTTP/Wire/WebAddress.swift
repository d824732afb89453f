package import PluginKit

/// An http or https URL, as far as a client of MCP must understand it.
package struct WebAddress: Sendable, Equatable, CustomStringConvertible {
    /// `http` or `https`.
    package let scheme: String
    /// Host in lower case, with the port as written.
    package let authority: String
    /// Begins with '/'; with the query, without a fragment.
    package let target: String

    /// Reads an absolute URL; a fragment is dropped.
    ///
    /// - Throws: ``PluginError`` that says what was expected. User and password in a URL are refused: they would end up in logs.
    package init(_ text: String) throws(PluginError) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw PluginError(.invalid, "expected http://HOST/… or https://HOST/…, found '\(text)'")
        }
        let scheme = text[..<colon].lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw PluginError(.invalid, "expected the scheme http or https, found '\(scheme)'")
        }
        let rest = text[text.index(colon, offsetBy: 3)...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains("@") else {
            throw PluginError(.invalid, "expected a URL without user and password: use a credential instead")
        }
        guard !authority.isEmpty, !authority.hasPrefix(":"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw PluginError(.invalid, "expected a host and no spaces or control characters in '\(text)'")
        }
        self.init(scheme: scheme, authority: authority.lowercased(), target: String(rest[end...]))
    }

    private init(scheme: String, authority: String, target: String) {
        self.scheme = scheme
        self.authority = authority
        let target = target.prefix { $0 != "#" }
        self.target = target.hasPrefix("/") ? String(target) : "/" + target
    }

    /// The URL as it is requested.
    package var description: String { "\(scheme)://\(authority)\(target)" }

    /// Scheme, host and port, the port always written.
    package var origin: String {
        let hasPort = authority.last != "]" && authority.contains(":") && authority.split(separator: ":").count > 1
        let isAddress = authority.hasPrefix("[")
        let port = isAddress ? authority.contains("]:") : hasPort
        return "\(scheme)://\(authority)" + (port ? "" : scheme == "https" ? ":443" : ":80")
    }

    /// What a reference means from here (RFC 3986, section 5.2, without dot segments, which the server sees removed).
    ///
    /// - Throws: ``PluginError`` when the reference is no URL.
    package func resolving(_ reference: String) throws(PluginError) -> WebAddress {
        if reference.contains("://"), let mark = reference.firstIndex(where: { "/?#".contains($0) }),
            reference[..<mark].hasSuffix(":")
        {
            return try WebAddress(reference)
        }
        if reference.hasPrefix("//") { return try WebAddress("\(scheme):\(reference)") }
        guard reference.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw PluginError(.invalid, "expected no spaces or control characters in '\(reference)'")
        }
        if reference.hasPrefix("/") {
            return WebAddress(scheme: scheme, authority: authority, target: reference)
        }
        let path = target.prefix { $0 != "?" }
        if reference.hasPrefix("?") {
            return WebAddress(scheme: scheme, authority: authority, target: path + reference)
        }
        let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        return WebAddress(scheme: scheme, authority: authority, target: folder + reference)
    }
}
