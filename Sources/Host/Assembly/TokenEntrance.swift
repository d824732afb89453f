import Gateway
import HostAuthentication
import HostHTTP

/// The gate of `incomingAuth.type: oidc`: bearer tokens, challenges, and the metadata that leads clients to the issuer.
struct TokenEntrance: RequestGate {
    private static let wellKnown = "/.well-known/oauth-protected-resource"
    let gate: TokenGate

    func judge(_ head: HTTPRequest) -> GateVerdict? { gate.judge(head.headers.all("authorization")).map(verdict) }

    func admit(_ request: HTTPRequest) async -> GateVerdict {
        verdict(await gate.admit(request.headers.all("authorization")))
    }

    private func verdict(_ result: Result<Principal, TokenGate.Refusal>) -> GateVerdict {
        switch result {
        case .success(let principal): .admitted(principal)
        case .failure(let refusal):
            .refused(
                .json(
                    refusal.status, refusal.body,
                    headers: [Header("WWW-Authenticate", refusal.challenge), Header("Cache-Control", "no-store")]))
        }
    }

    /// RFC 9728, section 3: at the root, and below it for the endpoint's path.
    func document(for request: HTTPRequest) -> HTTPResponse? {
        guard request.path == Self.wellKnown || request.path.hasPrefix(Self.wellKnown + "/") else { return nil }
        guard let metadata = gate.metadata else { return nil }
        let headers = [
            Header("Access-Control-Allow-Origin", request.headers["origin"] ?? "*"),
            Header("Access-Control-Allow-Methods", "GET, OPTIONS"),
            Header("Access-Control-Allow-Headers", "mcp-protocol-version, Content-Type, Authorization"),
            Header("Access-Control-Max-Age", "86400"), Header("Vary", "Origin"),
        ]
        switch request.method {
        case "GET", "HEAD": return .json(200, metadata, headers: headers)
        case "OPTIONS": return HTTPResponse(204, headers: headers)
        default:
            return .json(
                405, Array(#"{"error":"method_not_allowed"}"#.utf8),
                headers: headers + [Header("Allow", "GET, HEAD, OPTIONS")])
        }
    }
}

/// The gate of `incomingAuth.type: anonymous` and `local`: everybody is the same caller, who has no token.
struct OpenEntrance: RequestGate {
    let principal: Principal

    func judge(_ head: HTTPRequest) -> GateVerdict? { .admitted(principal) }
    func admit(_ request: HTTPRequest) async -> GateVerdict { .admitted(principal) }
    func document(for request: HTTPRequest) -> HTTPResponse? { nil }
}
