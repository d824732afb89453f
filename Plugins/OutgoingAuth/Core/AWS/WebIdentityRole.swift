import PluginKit

/// `aws_sts`: the caller's token gives a role of AWS for a time, and each request is signed with it (SigV4).
///
/// The request is signed as it will be sent, with the digest of its whole body; answers may be streams.
final class WebIdentityRole: AuthStrategy {
    /// Most bytes of a body that is signed.
    static let maximumBody = 10 * 1_048_576

    let needs: AuthNeeds = [.body, .identity]
    private let roles: RoleMappings
    private let sessions: RoleSessions
    private let service: SecurityTokenService
    private let subject: SubjectToken
    private let region: String
    private let signedService: String
    private let sessionClaim: String
    private let host: HostServices
    private let now: @Sendable () -> UInt64

    init(
        _ settings: StrategySettings, _ host: HostServices, now: @escaping @Sendable () -> UInt64
    ) throws(PluginError) {
        region = try settings.required("region")
        guard region.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }) else {
            throw PluginError(.invalid, "region: expected one such as eu-west-1, found \"\(region)\"")
        }
        signedService = try settings.text("service") ?? "aws-mcp"
        guard signedService.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !",/".utf8.contains($0) }) else {
            throw PluginError(.invalid, "service: expected a name such as aws-mcp, found \"\(signedService)\"")
        }
        sessionClaim = try settings.text("sessionNameClaim") ?? "sub"
        roles = try RoleMappings(settings)
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let endpoint =
            try settings.text("stsEndpoint") == nil
            ? "https://sts.\(region).\(domain)/" : settings.url("stsEndpoint", insecure: false)
        service = SecurityTokenService(
            http: host.http, endpoint: endpoint,
            duration: try settings.seconds("sessionDuration", in: 900...43_200) ?? 3_600)
        subject = SubjectToken(provider: try settings.text("subjectProviderName"), identity: host.identity)
        sessions = RoleSessions(now: now)
        self.host = host
        self.now = now
    }

    func authorize(_ request: AuthRequest, reply: AuthReply) {
        guard request.purpose != .probe else { return reply.pass() }
        guard request.body.count <= Self.maximumBody else {
            let why = "expected a body of at most \(Self.maximumBody) bytes to sign, found \(request.body.count)"
            return reply.refuse(Outcome(.exhausted, why))
        }
        subject.get(for: request) { [self] result in
            do throws(PluginError) {
                let token = try result.get()
                let key = try key(request, token)
                sessions.get(
                    key, refused: request.attempt > 1,
                    obtain: { service.assume(key.role, session: key.session, token: token, $0) }
                ) { [self] in grant($0, request, reply) }
            } catch {
                reply.refuse(Outcome(error.status, error.message))
            }
        }
    }

    private func key(_ request: AuthRequest, _ token: String) throws(PluginError) -> RoleSessions.Key {
        let claims: JSONValue
        do throws(PluginError) { claims = try host.identity.claims(request.identity) } catch {
            throw PluginError(.unauthenticated, "no identity found in context")
        }
        let role = try roles.role(for: claims) { host.log.debug("A role mapping is skipped: \($0)") }
        guard let name = claims[sessionClaim]?.string, (2...64).contains(name.utf8.count),
            name.utf8.allSatisfy(Self.isSessionByte)
        else {
            throw PluginError(
                .unauthenticated,
                "the claim \(sessionClaim) is no session name: expected 2 to 64 of the characters a-z A-Z 0-9 _+=,.@-")
        }
        return RoleSessions.Key(role: role, session: name, token: token)
    }

    private func grant(
        _ result: Result<TemporaryCredentials, PluginError>, _ request: AuthRequest, _ reply: AuthReply
    ) {
        switch result {
        case .failure(let error): reply.refuse(Outcome(error.status, error.message))
        case .success(let credentials):
            let signature = RequestSignature(credentials: credentials, region: region, service: signedService)
            let signed = RequestSignature.Request(
                method: request.method, url: request.url, headers: request.headers, body: request.body)
            reply.grant(AuthAnswer(set: signature.headers(for: signed, now: now())))
        }
    }

    private static func isSessionByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || "_+=,.@-".utf8.contains(byte)
    }
}
