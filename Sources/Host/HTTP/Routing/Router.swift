import Gateway

/// Hands requests to what serves their path. Paths are exact; ToolHive answers MCP on any path, we do not.
package struct Router: HTTPHandler {
    private let endpointPath: String
    private let endpointPathWithSlash: String
    private let endpoint: any HTTPHandler
    private let status: any StatusProvider
    private let gate: (any RequestGate)?

    private static let backends = "/api/backends/"
    private static let logs = "/logs"
    private static let noStore = [Header("Cache-Control", "no-store"), Header("X-Content-Type-Options", "nosniff")]

    /// - Parameters:
    ///   - endpointPath: Without a slash at its end; the path with one is served too.
    ///   - gate: Has documents of its own; the endpoint stands behind it already.
    package init(
        endpointPath: String, endpoint: any HTTPHandler, status: any StatusProvider, gate: (any RequestGate)? = nil
    ) {
        self.gate = gate
        self.endpointPath = endpointPath
        endpointPathWithSlash = endpointPath + "/"
        self.endpoint = endpoint
        self.status = status
    }

    package func admit(_ head: inout HTTPRequest) -> HTTPResponse? {
        isEndpoint(head.path) ? endpoint.admit(&head) : nil
    }

    package func handle(_ request: HTTPRequest, _ responder: any HTTPResponder) {
        if isEndpoint(request.path) { return endpoint.handle(request, responder) }
        if let lines = lines(request.path) {
            return document(request, responder) {
                HTTPResponse(
                    200, headers: [Header("Content-Type", "text/plain; charset=utf-8")] + Self.noStore,
                    body: lines.flatMap { Array($0.utf8) + [0x0A] })
            }
        }
        switch request.path {
        case "/health", "/ping":
            document(request, responder) { .json(200, Array(#"{"status":"ok"}"#.utf8)) }
        case "/readyz":
            guard Self.reads(request) else { return responder.respond(Self.methodNotAllowed) }
            let status = status
            Task { responder.respond(StatusDocuments.readiness(await status.readiness())) }
        case "/status":
            document(request, responder) {
                .json(200, StatusDocuments.status(status.status()), headers: Self.noStore)
            }
        case "/api/backends/health":
            document(request, responder) { .json(200, StatusDocuments.health(status.backendHealth())) }
        case "/metrics":
            guard let (text, type) = status.metrics() else { fallthrough }
            document(request, responder) {
                HTTPResponse(200, headers: [Header("Content-Type", type)] + Self.noStore, body: text)
            }
        default:
            responder.respond(gate?.document(for: request) ?? .json(404, Array(#"{"error":"not_found"}"#.utf8)))
        }
    }

    /// What a backend logged of late, where a path asks for it and it is shown.
    private func lines(_ path: String) -> [String]? {
        guard path.hasPrefix(Self.backends), path.hasSuffix(Self.logs),
            path.utf8.count > Self.backends.utf8.count + Self.logs.utf8.count
        else { return nil }
        return status.lines(of: String(path.dropFirst(Self.backends.count).dropLast(Self.logs.count)))
    }

    private func isEndpoint(_ path: String) -> Bool { path == endpointPath || path == endpointPathWithSlash }

    private func document(
        _ request: HTTPRequest, _ responder: any HTTPResponder, _ render: () -> HTTPResponse
    ) {
        responder.respond(Self.reads(request) ? render() : Self.methodNotAllowed)
    }

    private static func reads(_ request: HTTPRequest) -> Bool { request.method == "GET" || request.method == "HEAD" }

    private static let methodNotAllowed = HTTPResponse.json(
        405, Array(#"{"error":"method_not_allowed"}"#.utf8), headers: [Header("Allow", "GET, HEAD")])
}
