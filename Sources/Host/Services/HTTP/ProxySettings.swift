/// The proxies that the environment names, as curl reads them (curl's man page, section ENVIRONMENT), apart from
/// loopback, which is never proxied.
///
/// Decided here and not by libcurl, because the address policy has to know whether an address is the proxy's.
struct ProxySettings: Sendable {
    private let http: String
    private let https: String
    /// Lower case patterns; `*` alone stands for every host.
    private let exceptions: [String]

    init(environment: [String: String]) {
        func first(_ names: String...) -> String {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        }
        let all = first("all_proxy", "ALL_PROXY")
        // Not HTTP_PROXY: in a CGI process that is the client's header "Proxy".
        let plain = first("http_proxy")
        let secure = first("https_proxy", "HTTPS_PROXY")
        http = plain.isEmpty ? all : plain
        https = secure.isEmpty ? all : secure
        exceptions = first("no_proxy", "NO_PROXY").lowercased()
            .split { $0 == "," || $0 == " " }.map(String.init)
    }

    /// The proxy for an origin; empty for none.
    func proxy(for origin: Origin) -> String {
        let proxy = origin.scheme == "https" ? https : http
        guard !proxy.isEmpty, !origin.isLoopback else { return "" }
        return exceptions.contains { covers($0, origin.host) } ? "" : proxy
    }

    private func covers(_ pattern: String, _ host: String) -> Bool {
        if pattern == "*" { return true }
        if let address = IPAddress(host) {
            let parts = pattern.split(separator: "/", maxSplits: 1)
            guard let first = parts.first, let network = IPAddress(first) else { return false }
            let bits = network.bytes.count * 8
            guard let length = parts.count == 2 ? Int(parts[1]) : bits, (0...bits).contains(length) else {
                return false
            }
            return address.isWithin(network.bytes, length)
        }
        var pattern = pattern[...]
        if pattern.hasPrefix("*.") { pattern = pattern.dropFirst() }
        if pattern.hasPrefix(".") { pattern = pattern.dropFirst() }
        return host == pattern || host.hasSuffix("." + pattern)
    }
}
