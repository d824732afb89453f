import PluginAPI
import PluginKit
import Synchronization
import Testing

@testable import OutgoingAuthCore

@Suite("Token endpoints found by a backend's metadata")
struct DiscoveryTests {
    private static let issuer = "https://login.example/tenant"
    private static let resource =
        #"{"resource":"https://backend.example/mcp","authorization_servers":["https://other.example","https://login.example/tenant"],"scopes_supported":["read","write"]}"#
    private static let metadata =
        #"{"issuer":"https://login.example/tenant","token_endpoint":"https://login.example/tenant/token"}"#
    private static let issued = #"{"access_token":"C","token_type":"Bearer","expires_in":60}"#

    private func fixture(_ more: String = "") throws -> StrategyFixture {
        try StrategyFixture(
            "client_credentials",
            #"{"issuer":"\#(Self.issuer)","clientId":"c","clientSecretRef":{"name":"s","key":"k"}\#(more)}"#,
            secrets: ["s/k": "p"])
    }

    @Test("The metadata of resource and issuer lead to the endpoint, and the token is for the resource")
    func found() throws {
        let fixture = try fixture()
        let pending = fixture.authorize()
        let first = fixture.host.exchange()
        #expect(first.method == "GET" && first.auth == 0 && first["Authorization"] == nil)
        #expect(first.url == "https://backend.example/.well-known/oauth-protected-resource/mcp")
        first.answer(200, Self.resource)
        #expect(fixture.host.exchange(1).url == "https://login.example/.well-known/oauth-authorization-server/tenant")
        fixture.host.exchange(1).answer(200, Self.metadata)
        let question = fixture.host.exchange(2)
        #expect(question.url == "https://login.example/tenant/token")
        #expect(question["Authorization"] == "Basic \(Base64Text.encode("c:p".utf8))")
        #expect(
            question.fields == [
                "grant_type=client_credentials", "resource=https://backend.example/mcp", "scope=read write",
            ])
        question.answer(200, Self.issued)
        #expect(pending.answer?.set == ["Authorization: Bearer C"])
        // Kept: the next question goes to the endpoint at once.
        _ = fixture.authorize()
        #expect(fixture.host.exchange(3).url == "https://login.example/tenant/token")
    }

    @Test("Where metadata may be is tried in the order of the protocol")
    func places() throws {
        let fixture = try fixture()
        _ = fixture.authorize()
        fixture.host.exchange().answer(404, "")
        #expect(fixture.host.exchange(1).url == "https://backend.example/.well-known/oauth-protected-resource")
        fixture.host.exchange(1).answer(
            200, #"{"resource":"https://backend.example","authorization_servers":["\#(Self.issuer)"]}"#)
        for count in 2...3 { fixture.host.exchange(count).answer(404, "") }
        #expect(
            fixture.host.exchanges.suffix(3).map(\.url) == [
                "https://login.example/.well-known/oauth-authorization-server/tenant",
                "https://login.example/.well-known/openid-configuration/tenant",
                "https://login.example/tenant/.well-known/openid-configuration",
            ])
        fixture.host.exchange(4).answer(200, Self.metadata)
        // Nothing says which scopes there are: none are asked for.
        #expect(
            fixture.host.exchange(5).fields == ["grant_type=client_credentials", "resource=https://backend.example"])
    }

    @Test("Settings win over what the backend says, and the challenge over its metadata")
    func precedence() throws {
        let fixture = try fixture(#","scopes":["mine"],"resource":"https://backend.example/""#)
        let metadata = #"Bearer realm="x", resource_metadata="https://meta.example/r", scope="asked""#
        _ = fixture.authorize(attempt: 2, challenge: metadata)
        #expect(fixture.host.exchange().url == "https://meta.example/r")
        fixture.host.exchange().answer(200, Self.resource)
        fixture.host.exchange(1).answer(200, Self.metadata)
        #expect(
            fixture.host.exchange(2).fields == [
                "grant_type=client_credentials", "scope=mine", "resource=https://backend.example/",
            ])
        let open = try self.fixture()
        _ = open.authorize(attempt: 2, challenge: metadata)
        open.host.exchange().answer(200, Self.resource)
        open.host.exchange(1).answer(200, Self.metadata)
        #expect(open.host.exchange(2).fields.contains("scope=asked"))
    }

    @Test(
        "After a refusal the metadata are read again, but not more often than every 30 seconds, and daily life is an hour"
    )
    func again() throws {
        let fixture = try fixture()
        func settle(_ count: Int) {
            fixture.host.exchange(count).answer(200, Self.resource)
            fixture.host.exchange(count + 1).answer(200, Self.metadata)
        }
        _ = fixture.authorize()
        settle(0)
        _ = fixture.authorize(attempt: 2)
        #expect(fixture.host.exchanges.count == 4)
        fixture.now += 30_000
        _ = fixture.authorize(attempt: 2)
        settle(4)
        #expect(fixture.host.exchanges.count == 7)
        fixture.now += 3_599_000
        _ = fixture.authorize()
        #expect(fixture.host.exchanges.count == 8)
        fixture.now += 1_000
        _ = fixture.authorize()
        #expect(fixture.host.exchanges.last?.url.contains("oauth-protected-resource") == true)
    }

    @Test("Requests that wait for the same metadata share them")
    func shared() throws {
        let fixture = try fixture()
        let waiting = (0..<3).map { _ in fixture.authorize() }
        #expect(fixture.host.exchanges.count == 1)
        fixture.host.exchange().answer(500, "")
        fixture.host.exchange(1).answer(404, "")
        #expect(waiting.allSatisfy { $0.outcome?.message.contains("answered 500") == true })
        #expect(waiting.allSatisfy { $0.answer == nil })
    }

    @Test(
        "Without metadata the gateway's own first request goes out as it is, so that the challenge tells; a user's never"
    )
    func unknown() throws {
        let fixture = try fixture()
        func ask(_ purpose: Int, _ attempt: UInt32) -> StrategyFixture.Pending {
            let count = fixture.host.exchanges.count
            let pending = fixture.authorize(identity: 0, purpose: purpose, attempt: attempt, challenge: "Bearer")
            for index in 0...1 { fixture.host.exchange(count + index).answer(404, "") }
            #expect(pending.answer == nil)
            return pending
        }
        #expect(ask(VMCP_AUTH_PROBE, 1).outcome == .ok)
        #expect(ask(VMCP_AUTH_PROBE, 2).outcome?.status == .unauthenticated)
        #expect(ask(VMCP_AUTH_CALL, 1).outcome?.message == "found no metadata of the protected resource")
        #expect(fixture.host.lines.count == 1)
    }

    @Test(
        "Metadata that would show our credentials to somebody else are refused, and nothing is asked of them",
        arguments: [
            (#"{"resource":"https://other.example/mcp","authorization_servers":["\#(issuer)"]}"#, "another resource"),
            (#"{"resource":"https://backend.example/mc","authorization_servers":["\#(issuer)"]}"#, "another resource"),
            (#"{"resource":"http://backend.example/mcp","authorization_servers":["\#(issuer)"]}"#, "another resource"),
            (
                #"{"resource":"https://backend.example:8443/mcp","authorization_servers":["\#(issuer)"]}"#,
                "another resource"
            ),
            (#"{"authorization_servers":["\#(issuer)"]}"#, "another resource"), ("[]", "another resource"),
            ("oops", "JSON object"),
            (
                #"{"resource":"https://backend.example/mcp","authorization_servers":["https://evil.example\n\u001b[1m"]}"#,
                "evil.example??[1m"
            ),
            (
                #"{"resource":"https://backend.example/mcp","authorization_servers":["\#(issuer)/"]}"#,
                "expected the issuer"
            ),
            (#"{"resource":"https://backend.example/mcp"}"#, "found none"),
        ])
    func foreignResource(document: String, words: String) throws {
        let fixture = try fixture()
        let pending = fixture.authorize()
        fixture.host.exchange().answer(200, document)
        #expect(pending.outcome?.message.contains(words) == true, "\(pending.outcome?.message ?? "")")
        #expect(pending.outcome?.status == .unauthenticated)
        #expect(fixture.host.exchanges.count == 1)
    }

    @Test(
        "An issuer's metadata that are not its own, or lead nowhere safe, are refused",
        arguments: [
            (
                #"{"issuer":"https://login.example/tenant/","token_endpoint":"https://login.example/t"}"#,
                "another issuer's"
            ),
            (#"{"token_endpoint":"https://login.example/t"}"#, "another issuer's"),
            (#"{"issuer":"\#(issuer)","token_endpoint":"http://login.example/t"}"#, "https"),
            (#"{"issuer":"\#(issuer)"}"#, "https"),
            (
                #"{"issuer":"\#(issuer)","token_endpoint":"https://l/t","grant_types_supported":["authorization_code"]}"#,
                "grant type client_credentials"
            ),
        ])
    func foreignIssuer(document: String, words: String) throws {
        let fixture = try fixture()
        let pending = fixture.authorize()
        fixture.host.exchange().answer(200, Self.resource)
        fixture.host.exchange(1).answer(200, document)
        #expect(pending.outcome?.message.contains(words) == true, "\(pending.outcome?.message ?? "")")
        #expect(fixture.host.exchanges.count == 2)
    }

    @Test("A resource_metadata without https is refused")
    func insecureMetadata() throws {
        let fixture = try fixture()
        let pending = fixture.authorize(attempt: 2, challenge: #"Bearer resource_metadata="http://backend.example/m""#)
        #expect(pending.outcome?.message == "its resource_metadata is no https URL")
        #expect(fixture.host.exchanges.isEmpty)
    }

    @Test("A server that takes the secret in the body alone gets it there")
    func inBody() throws {
        let fixture = try fixture()
        _ = fixture.authorize()
        fixture.host.exchange().answer(200, Self.resource)
        fixture.host.exchange(1).answer(
            200,
            Self.metadata.dropLast() + #","token_endpoint_auth_methods_supported":["client_secret_post"]}"#)
        #expect(fixture.host.exchange(2)["Authorization"] == nil)
        #expect(fixture.host.exchange(2).fields.suffix(2) == ["client_id=c", "client_secret=p"])
    }

    @Test("A user's token is exchanged at the endpoint that was found, for the resource")
    func exchanged() throws {
        let fixture = try StrategyFixture(
            "token_exchange", #"{"issuer":"\#(Self.issuer)","audience":"a","clientId":"c"}"#)
        fixture.host.recorded.withLock { $0.token = "T1" }
        _ = fixture.authorize()
        fixture.host.exchange().answer(200, Self.resource)
        fixture.host.exchange(1).answer(200, Self.metadata)
        let fields = fixture.host.exchange(2).fields
        #expect(fields.contains("subject_token=T1") && fields.contains("resource=https://backend.example/mcp"))
        #expect(fields.contains("audience=a"))
    }

    @Test(
        "Either tokenUrl or issuer is there, and a safe one",
        arguments: [
            (#""tokenUrl":"https://i/t","issuer":"https://i""#, "found both"), (#""clientId":"c""#, "tokenUrl"),
            (#""issuer":"http://login.example""#, "issuer"), (#""issuer":"login.example""#, "issuer"),
        ])
    func settings(fields: String, words: String) {
        let error = #expect(throws: TestInstance.Refused.self) {
            try StrategyFixture(
                "client_credentials", #"{"clientId":"c","clientSecretRef":{"name":"s","key":"k"},\#(fields)}"#,
                secrets: ["s/k": "p"])
        }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test(
        "A bearer challenge is found among others, quoted or not",
        arguments: [
            (
                #"Bearer realm="a, b", scope="x y", resource_metadata="https://h/p?q=1""#, "a, b", "x y",
                "https://h/p?q=1"
            ),
            (#"Basic realm="n", bearer REALM = "a\"b" , Scope=x"#, "a\"b", "x", nil),
            (#"Negotiate abc==, Bearer realm=r, Basic realm="other""#, "r", nil, nil), ("Bearer", nil, nil, nil),
            (#"Bearer scope="x", scope="y""#, nil, "x", nil), (#"Bearer scope="x"#, nil, "x", nil),
        ] as [(String, String?, String?, String?)])
    func challenges(text: String, realm: String?, scope: String?, metadata: String?) throws {
        let challenge = try #require(BearerChallenge(text))
        #expect(challenge.parameters["realm"] == realm)
        #expect(challenge.parameters["scope"] == scope)
        #expect(challenge.resourceMetadata == metadata)
    }

    @Test(
        "Without a bearer challenge there is none",
        arguments: ["", "Basic realm=\"Bearer\"", "Digest a=b, c=bearer", "=,\""])
    func noChallenge(text: String) { #expect(BearerChallenge(text) == nil) }
}
