import Gateway

/// Refuses requests that a foreign web page makes a browser send (2025-11-25, Transports, Security Warning).
///
/// It stands before everything else, for every path and method: `Origin` must be one of ours, and a server bound to
/// loopback answers only to loopback names, so that a page cannot reach it under its own name (DNS rebinding).
package struct OriginGuard: HTTPHandler {
    private let next: any HTTPHandler
    private let isLoopback: Bool
    private let origins: Set<String>
    private let hosts: Set<String>

    package init(_ settings: HTTPServerSettings, next: any HTTPHandler) {
        self.next = next
        isLoopback = LoopbackName.contains(settings.host)
        origins = Set(settings.allowedOrigins.map { $0.lowercased() })
        hosts = Set(settings.allowedHosts.map { $0.lowercased() })
    }

    package func admit(_ head: inout HTTPRequest) -> HTTPResponse? {
        if isLoopback, !isOwnHost(head) {
            return ServerFault.forbidden(
                "this server listens on loopback and answers to localhost, 127.0.0.1 and [::1] only; found Host "
                    + Self.quoted(head.authority))
        }
        for origin in head.headers.all("origin") where !isAllowed(origin) {
            return ServerFault.forbidden("the origin \(Self.quoted(origin)) is not allowed here")
        }
        return next.admit(&head)
    }

    package func handle(_ request: HTTPRequest, _ responder: any HTTPResponder) {
        next.handle(request, responder)
    }

    private func isOwnHost(_ head: HTTPRequest) -> Bool {
        // An absolute target replaces Host (RFC 9112, section 3.2.2), but both must be ours. HTTP/1.0 may do without.
        guard isOwn(head.authority) else { return false }
        for host in head.headers.all("host") where host != head.authority {
            guard isOwn(host) else { return false }
        }
        return true
    }

    private func isOwn(_ authority: String) -> Bool {
        if authority.isEmpty { return true }
        guard let host = LoopbackName.host(of: authority[...]) else { return false }
        return LoopbackName.contains(host) || hosts.contains(host.lowercased())
    }

    private func isAllowed(_ origin: String) -> Bool {
        let origin = origin.lowercased()
        // "null" stands for any sandboxed page and any local file.
        guard origin != "null" else { return false }
        if origins.contains(origin) { return true }
        guard isLoopback, let mark = origin.firstRange(of: "://") else { return false }
        let scheme = origin[..<mark.lowerBound]
        guard scheme == "http" || scheme == "https" else { return false }
        return LoopbackName.host(of: origin[mark.upperBound...]).map { LoopbackName.contains($0) } == true
    }

    /// What the client sent, short enough to stand in an answer.
    private static func quoted(_ text: String) -> String { "\"\(text.prefix(100))\"" }
}
