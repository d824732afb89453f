import PluginAPI
import PluginKit
import Synchronization
import Testing

@testable import OutgoingAuthCore

@Suite("Strategies of outgoing authentication")
struct StrategyTests {
    private let exchangeGrant = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange"
    private let issued = """
        {"access_token":"T2","token_type":"Bearer","expires_in":"600",\
        "issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}
        """

    private func exchange(_ more: String = "") throws -> StrategyFixture {
        let fixture = try StrategyFixture(
            "token_exchange",
            """
            {"tokenUrl":"https://idp.example/token","clientId":"gate way","clientSecretRef":{"name":"s","key":"k"},\
            "audience":"https://backend.example","scopes":["read","write"]\(more)}
            """, secrets: ["s/k": "p&ss%\n"])
        fixture.host.recorded.withLock { $0.token = "T1" }
        return fixture
    }

    @Test("header_injection sets its header, with the secret as it is now")
    func headerInjection() throws {
        let fixture = try StrategyFixture(
            "header_injection", #"{"headerName":"X-Key","valueSecretRef":{"name":"s","key":"k"}}"#,
            secrets: ["s/k": "one\n"])
        #expect(fixture.authorize(identity: 0, purpose: Int(VMCP_AUTH_PROBE)).answer?.set == ["X-Key: one"])
        fixture.host.changeSecret("handle-s/k", to: "two")
        #expect(fixture.authorize().answer == .init(set: ["X-Key: two"], scope: 1, expiresAt: 0, key: ""))
        #expect(fixture.flags == 0)
    }

    @Test("bearer_token is the Authorization header")
    func bearerToken() throws {
        let fixture = try StrategyFixture(
            "bearer_token", #"{"tokenSecretRef":{"name":"s","key":"k"}}"#, secrets: ["s/k": "abc"])
        #expect(fixture.authorize().answer?.set == ["Authorization: Bearer abc"])
    }

    @Test("A secret that cannot be sent fails the request, and the message does not hold it")
    func badSecret() throws {
        let fixture = try StrategyFixture(
            "bearer_token", #"{"tokenSecretRef":{"name":"s","key":"k"}}"#, secrets: ["s/k": "a\r\nHost: evil"])
        let pending = fixture.authorize()
        #expect(pending.outcome?.status == .unauthenticated)
        #expect(pending.outcome?.message == "the secret of tokenSecretRef has control characters")
        #expect(pending.answer == nil)
    }

    @Test("token_exchange sends the caller's token by RFC 8693 and hands on what it is exchanged for")
    func tokenExchange() throws {
        let fixture = try exchange(#","resource":"https://backend.example/mcp""#)
        let pending = fixture.authorize()
        let request = fixture.host.exchange()
        #expect(request.method == "POST")
        #expect(request.url == "https://idp.example/token")
        #expect(request["Content-Type"] == "application/x-www-form-urlencoded")
        // base64("gate+way:p%26ss%25")
        #expect(request["Authorization"] == "Basic Z2F0ZSt3YXk6cCUyNnNzJTI1")
        #expect(
            request.fields == [
                exchangeGrant, "subject_token_type=urn:ietf:params:oauth:token-type:access_token",
                "requested_token_type=urn:ietf:params:oauth:token-type:access_token",
                "audience=https://backend.example", "scope=read write", "resource=https://backend.example/mcp",
                "subject_token=T1",
            ])
        #expect(request.auth == 0)
        #expect(!request.options.contains(.followSameOrigin))
        request.answer(200, issued)
        #expect(pending.outcome == .ok)
        #expect(
            pending.answer
                == .init(
                    set: ["Authorization: Bearer T2"], scope: UInt32(VMCP_AUTH_CACHE_IDENTITY), expiresAt: 1_600_000,
                    key: "https://backend.example\nhttps://backend.example/mcp\nread write"))
    }

    @Test("A client without a secret is named in the body")
    func publicClient() throws {
        let fixture = try StrategyFixture("token_exchange", #"{"tokenUrl":"https://i/t","clientId":"c"}"#)
        fixture.host.recorded.withLock { $0.token = "T1" }
        _ = fixture.authorize()
        #expect(fixture.host.exchange().fields.last == "client_id=c")
        #expect(fixture.host.exchange()["Authorization"] == nil)
    }

    @Test("externalTokenHeaderName puts the token elsewhere, bare")
    func otherHeader() throws {
        let fixture = try exchange(#","externalTokenHeaderName":"X-Backend-Token""#)
        let pending = fixture.authorize()
        fixture.host.exchange().answer(200, issued)
        #expect(pending.answer?.set == ["X-Backend-Token: T2"])
    }

    @Test("The subject may be what an upstream provider issued")
    func upstreamSubject() throws {
        let fixture = try exchange(#","subjectProviderName":"github","subjectTokenType":"id_token""#)
        let without = fixture.authorize()
        #expect(without.outcome?.message == "provider \"github\": upstream token not found")
        fixture.host.recorded.withLock { $0.upstream["github/access_token"] = "G1" }
        _ = fixture.authorize()
        #expect(fixture.host.exchange().fields.contains("subject_token=G1"))
        #expect(
            fixture.host.exchange().fields.contains("subject_token_type=urn:ietf:params:oauth:token-type:id_token"))
    }

    @Test("A probe gets the gateway's own token, or nothing without a secret")
    func probe() throws {
        let fixture = try exchange()
        let pending = fixture.authorize(identity: 0, purpose: Int(VMCP_AUTH_PROBE))
        #expect(
            fixture.host.exchange().fields == [
                "grant_type=client_credentials", "audience=https://backend.example", "scope=read write",
            ])
        fixture.host.exchange().answer(200, #"{"access_token":"P","token_type":"bearer"}"#)
        #expect(pending.answer?.set == ["Authorization: Bearer P"])
        let without = try StrategyFixture("token_exchange", #"{"tokenUrl":"https://i/t"}"#)
        let passed = without.authorize(identity: 0, purpose: Int(VMCP_AUTH_PROBE))
        #expect(passed.outcome == .ok)
        #expect(passed.answer == nil)
    }

    @Test("Without an identity, and for one without a token, there is no exchange")
    func noSubject() throws {
        let fixture = try exchange()
        #expect(fixture.authorize(identity: 0).outcome?.message == "no identity found in context")
        #expect(fixture.authorize(identity: 9).outcome?.message == "no identity found in context")
        fixture.host.recorded.withLock { $0.token = "" }
        #expect(fixture.authorize().outcome?.message == "identity has no token")
        #expect(fixture.host.exchanges.isEmpty)
    }

    @Test(
        "An endpoint that refuses or answers nonsense fails the request, and only status and error code are told",
        arguments: [
            (400, #"{"error":"invalid_grant","error_description":"T1 is bad"}"#, "answered 400 (invalid_grant)"),
            (401, "secret page T1", "answered 401"), (400, #"{"error":"T1 SECRET"}"#, "answered 400"),
            (503, "", "answered 503"), (302, "", "answered 302"), (200, "no json", "answer has no access_token"),
            (200, #"{"access_token":"","token_type":"Bearer"}"#, "answer has no access_token"),
            (200, #"{"access_token":"a"}"#, "answer has no token_type"),
            (200, #"{"access_token":"a","token_type":"Bearer"}"#, "answer has no issued_token_type"),
            (
                200, #"{"access_token":"a\nb","token_type":"Bearer","issued_token_type":"x"}"#,
                "access_token cannot be sent in a header"
            ),
        ])
    func refused(status: UInt32, body: String, words: String) throws {
        let fixture = try exchange()
        let pending = fixture.authorize()
        fixture.host.exchange().answer(status, body)
        let message = try #require(pending.outcome?.message)
        #expect(message.hasPrefix("token exchange failed: ") && message.hasSuffix(words))
        #expect(!message.contains("T1"))
        #expect(pending.outcome?.status != .ok)
        #expect(pending.answer == nil)
    }

    @Test("client_credentials is the gateway's own token, for everybody")
    func clientCredentials() throws {
        let fixture = try StrategyFixture(
            "client_credentials",
            """
            {"tokenUrl":"http://idp.example/token","clientId":"c","clientSecretRef":{"name":"s","key":"k"},\
            "resource":"https://backend.example/mcp","scopes":["read"]}
            """, secrets: ["s/k": "p"])
        let pending = fixture.authorize(identity: 0)
        #expect(
            fixture.host.exchange().fields == [
                "grant_type=client_credentials", "scope=read", "resource=https://backend.example/mcp",
            ])
        fixture.host.exchange().answer(200, #"{"access_token":"C","token_type":"Bearer","expires_in":60}"#)
        #expect(pending.answer?.scope == UInt32(VMCP_AUTH_CACHE_BACKEND))
        #expect(pending.answer?.expiresAt == 1_060_000)
    }

    @Test("obo asks Entra ID on behalf of the caller, with the client in the body")
    func onBehalfOf() throws {
        let fixture = try StrategyFixture(
            "obo",
            """
            {"tenantId":"example.com","clientId":"c","clientSecretRef":{"name":"s","key":"k"},"audience":"api://b",\
            "cacheSkewSeconds":60}
            """, secrets: ["s/k": "p"])
        fixture.host.recorded.withLock { $0.token = "T1" }
        let pending = fixture.authorize()
        let request = fixture.host.exchange()
        #expect(request.url == "https://login.microsoftonline.com/example.com/oauth2/v2.0/token")
        #expect(
            request.fields == [
                "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer", "requested_token_use=on_behalf_of",
                "scope=api://b/.default", "assertion=T1", "client_id=c", "client_secret=p",
            ])
        #expect(request["Authorization"] == nil)
        request.answer(200, #"{"access_token":"O","token_type":"Bearer","expires_in":600}"#)
        #expect(pending.answer?.expiresAt == 1_540_000)
        #expect(fixture.flags == UInt32(VMCP_AUTH_NEEDS_IDENTITY))
    }

    @Test("upstream_inject hands on what the provider issued, and never keeps it")
    func upstreamInject() throws {
        let fixture = try StrategyFixture("upstream_inject", #"{"providerName":"github"}"#)
        #expect(fixture.authorize().outcome?.status == .unauthenticated)
        fixture.host.recorded.withLock { $0.upstream["github/access_token"] = "G1" }
        #expect(fixture.authorize().answer?.set == ["Authorization: Bearer G1"])
        #expect(fixture.authorize().answer?.scope == UInt32(VMCP_AUTH_CACHE_NONE))
    }

    @Test(
        "Settings that cannot work are refused with the field",
        arguments: [
            ("header_injection", #"{"valueSecretRef":{"name":"s","key":"k"}}"#, "headerName"),
            ("header_injection", #"{"headerName":"a b","valueSecretRef":{"name":"s","key":"k"}}"#, "headerName"),
            ("header_injection", #"{"headerName":"A","valueSecretRef":{"name":"gone","key":"k"}}"#, "'gone'"),
            ("bearer_token", "{}", "tokenSecretRef"),
            ("client_credentials", #"{"tokenUrl":"https://i/t","clientId":"c"}"#, "clientSecretRef"),
            ("token_exchange", "{}", "tokenUrl"), ("token_exchange", #"{"tokenUrl":"ftp://i"}"#, "tokenUrl"),
            ("token_exchange", #"{"tokenUrl":"https://u:p@i/t"}"#, "tokenUrl"),
            ("token_exchange", #"{"tokenUrl":"https://i/t","subjectTokenType":"saml"}"#, "subjectTokenType"),
            ("upstream_inject", "{}", "providerName"), ("obo", #"{"tokenUrl":"https://i/t"}"#, "clientId"),
            (
                "xaa",
                #"{"idpTokenUrl":"http://i/t","targetTokenUrl":"https://t/t","targetAudience":"a","subjectProviderName":"p"}"#,
                "idpTokenUrl"
            ),
            (
                "xaa", #"{"idpTokenUrl":"https://i/t","targetTokenUrl":"https://t/t","targetAudience":"a"}"#,
                "subjectProviderName"
            ),
            ("nonsense", "{}", "nonsense"),
        ])
    func wrongSettings(type: String, spec: String, words: String) {
        let error = #expect(throws: TestInstance.Refused.self) {
            try StrategyFixture(type, spec, secrets: ["s/k": "v"])
        }
        #expect(error?.message.contains(words) == true)
    }
}
