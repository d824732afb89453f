/// Which remote endpoints a resource may name (resource specification, section 6.1, and the project's decision on
/// loopback and private addresses). Textual: names are not looked up here; the connection checks the address again.
package enum RemoteURL {
    /// How far outside the public network a backend may be.
    package struct Reach: Sendable, Equatable {
        /// RFC 1918, unique local addresses and `*.cluster.local`.
        package var allowsPrivate: Bool
        /// Loopback addresses, `localhost`, and addresses that mean "this host".
        package var allowsLoopback: Bool

        package init(allowsPrivate: Bool, allowsLoopback: Bool) {
            self.allowsPrivate = allowsPrivate
            self.allowsLoopback = allowsLoopback
        }

        /// What a resource may reach, given its own `allowPrivateEndpoint` and where the gateway runs.
        init(allowPrivateEndpoint: Bool, sources: ConfigurationSources) {
            let isTrusted = sources.allowPrivateBackends || (sources.target == .local && sources.listensOnLoopback)
            allowsPrivate = isTrusted || allowPrivateEndpoint
            allowsLoopback = isTrusted
        }
    }

    static let shape = Shape.text("^https?://", hint: "a URL that begins with http:// or https://")

    /// The rule for objects with `remoteUrl` and `allowPrivateEndpoint`.
    static let rule: ObjectShape.Rule = { spec, validation in
        guard let url = spec["remoteUrl"], let text = url.text else { return }
        let reach = Reach(
            allowPrivateEndpoint: spec["allowPrivateEndpoint"]?.boolean ?? false, sources: validation.sources)
        if let problem = problem(with: text, reach: reach) { validation.log.error(at: url, problem) }
    }

    /// What is wrong with a URL, or `nil`. The text names the host alone, since a URL can carry credentials.
    package static func problem(with url: String, reach: Reach) -> String? {
        guard let host = host(of: url) else {
            return "expected an absolute URL such as https://example.com/mcp, found text that is no URL with a host"
        }
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        let advice =
            "; it is allowed when the gateway runs outside a cluster and listens on loopback, or with "
            + "--allow-private-backends"
        switch classify(name) {
        case .metadata:
            return
                "expected the host of an MCP server, found `\(host)`, an address of cloud metadata or of the local link, "
                + "which is always refused"
        case .orchestrator:
            return
                "expected the host of an MCP server, found `\(host)`, the API of the cluster, which is always refused"
        case .loopback where !reach.allowsLoopback:
            return "expected a host of another machine, found the loopback address `\(host)`\(advice)"
        case .privateNetwork where !reach.allowsPrivate:
            return "expected a public host, found the private address `\(host)`\(advice), or with "
                + "`allowPrivateEndpoint: true`"
        default: return nil
        }
    }

    /// The classes of addresses that matter to the rule.
    package enum Class: Sendable, Equatable { case metadata, orchestrator, loopback, privateNetwork, other }

    /// The class of a host name or of the literal address in it (without brackets).
    package static func classify(_ host: String) -> Class {
        if let address = IPAddress(host) { return classify(address) }
        func isOrUnder(_ name: String) -> Bool { host == name || host.hasSuffix(".\(name)") }
        if isOrUnder("metadata.google.internal") { return .metadata }
        if ["kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"].contains(
            where: isOrUnder)
        {
            return .orchestrator
        }
        if isOrUnder("localhost") { return .loopback }
        return host.hasSuffix(".cluster.local") ? .privateNetwork : .other
    }

    /// The class of an address that a name was resolved to.
    package static func classify(_ address: IPAddress) -> Class {
        // Link-local first: clouds serve credentials there. The two literal addresses do the same elsewhere
        // (Amazon over IPv6, Alibaba Cloud).
        if ["169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32"].contains(where: address.isIn) {
            return .metadata
        }
        if ["0.0.0.0/8", "127.0.0.0/8", "::/128", "::1/128"].contains(where: address.isIn) { return .loopback }
        if ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"].contains(where: address.isIn) {
            return .privateNetwork
        }
        return .other
    }

    /// The host of an http(s) URL in lower case, without brackets; `nil` when the text is no such URL.
    package static func host(of url: String) -> String? {
        guard url.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value != 127 && $0 != "\\" }) else { return nil }
        let lowered = url.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix) else { return nil }
        var authority = lowered.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        let host: Substring
        let port: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            port = authority[authority.index(after: end)...]
            guard IPAddress(String(host))?.bytes != nil else { return nil }
        } else {
            host = authority.prefix { $0 != ":" }
            port = authority.dropFirst(host.count)
            guard host.utf8.allSatisfy({ $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "%") }) else { return nil }
        }
        guard !host.isEmpty,
            port.isEmpty || (port.hasPrefix(":") && (port.count == 1 || UInt16(port.dropFirst()) != nil))
        else { return nil }
        return String(host)
    }
}
