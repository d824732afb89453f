import PluginAPI
import PluginKit
import Synchronization
import Testing

@testable import OutgoingAuthCore

@Suite("Access across applications")
struct CrossApplicationTests {
    private static let audience = "https://target.example"
    private static let resource = "https://target.example/mcp"

    /// An assertion with these claims, unsigned: its signature is the target's to look at.
    private static func assertion(_ claims: String, type: String = "oauth-id-jag+jwt") -> String {
        func text(_ json: String) -> String {
            Base64Text.encode(json.utf8).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        return "\(text("{\"typ\":\"\(type)\",\"alg\":\"ES256\"}")).\(text(claims)).c2lnbmVk"
    }

    private static let good = assertion(#"{"aud":"https://target.example","resource":["https://target.example/mcp"]}"#)

    private static func issued(
        _ assertion: String, type: String = "urn:ietf:params:oauth:token-type:id-jag", token: String = "N_A"
    ) -> String {
        #"{"access_token":"\#(assertion)","token_type":"\#(token)","issued_token_type":"\#(type)","expires_in":300}"#
    }

    private func fixture() throws -> StrategyFixture {
        let fixture = try StrategyFixture(
            "xaa",
            """
            {"idpTokenUrl":"https://idp.example/token","targetTokenUrl":"http://127.0.0.1:1/token",\
            "targetAudience":"\(Self.audience)","targetResource":"\(Self.resource)","scopes":["a","b"],\
            "subjectProviderName":"okta","idpClientId":"i","idpClientSecretRef":{"name":"s","key":"i"},\
            "targetClientId":"t","targetClientSecretRef":{"name":"s","key":"t"}}
            """, secrets: ["s/i": "one", "s/t": "two"])
        fixture.host.recorded.withLock { $0.upstream = ["okta/id_token": "ID", "okta/access_token": "AT"] }
        return fixture
    }

    @Test("The ID token becomes an assertion, and that a token: each step with the fields of the draft")
    func bothSteps() throws {
        let fixture = try fixture()
        let pending = fixture.authorize()
        let first = fixture.host.exchange()
        #expect(first.url == "https://idp.example/token")
        #expect(first["Authorization"] == "Basic \(Base64Text.encode("i:one".utf8))")
        #expect(
            first.fields == [
                "grant_type=urn:ietf:params:oauth:grant-type:token-exchange",
                "requested_token_type=urn:ietf:params:oauth:token-type:id-jag",
                "subject_token_type=urn:ietf:params:oauth:token-type:id_token", "audience=\(Self.audience)",
                "resource=\(Self.resource)", "scope=a b", "subject_token=ID",
            ])
        first.answer(200, Self.issued(Self.good, token: "n_a"))
        let second = fixture.host.exchange(1)
        #expect(second.url == "http://127.0.0.1:1/token")
        #expect(second["Authorization"] == "Basic \(Base64Text.encode("t:two".utf8))")
        #expect(
            second.fields == [
                "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer", "scope=a b", "assertion=\(Self.good)",
            ])
        second.answer(200, #"{"access_token":"X","token_type":"Bearer","expires_in":600}"#)
        #expect(pending.answer?.set == ["Authorization: Bearer X"])
        #expect(pending.answer?.scope == UInt32(VMCP_AUTH_CACHE_IDENTITY))
        #expect(fixture.host.lines.isEmpty)
    }

    @Test(
        "An assertion that is not what was asked for never reaches the target",
        arguments: [
            (issued(good, type: "urn:ietf:params:oauth:token-type:access_token"), "type id-jag"),
            (issued(good, token: "Bearer"), "type id-jag"), (issued("opaque"), "no JSON Web Token"),
            (issued(assertion(#"{"aud":["https://target.example","https://other"]}"#)), "targetAudience alone"),
            (issued(assertion(#"{"aud":"https://other"}"#)), "targetAudience alone"),
            (issued(assertion(#"{"aud":"https://target.example"}"#)), "targetResource"),
            (issued(assertion(#"{"aud":"https://target.example","resource":"https://else"}"#)), "targetResource"),
        ])
    func refused(answer: String, words: String) throws {
        let fixture = try fixture()
        let pending = fixture.authorize()
        fixture.host.exchange().answer(200, answer)
        #expect(fixture.host.exchanges.count == 1)
        #expect(pending.outcome?.message.contains(words) == true)
        #expect(pending.answer == nil)
    }

    @Test("Another type in the assertion's header is worth a warning")
    func headerType() throws {
        let fixture = try fixture()
        _ = fixture.authorize()
        let odd = Self.assertion(
            #"{"aud":["https://target.example"],"resource":"https://target.example/mcp"}"#, type: "JWT")
        fixture.host.exchange().answer(200, Self.issued(odd))
        #expect(fixture.host.exchanges.count == 2)
        #expect(fixture.host.lines.count == 1)
    }

    @Test("An expired ID token is the identity provider's to refuse, and its code is told")
    func expired() throws {
        let fixture = try fixture()
        let pending = fixture.authorize()
        fixture.host.exchange().answer(400, #"{"error":"invalid_grant"}"#)
        #expect(
            pending.outcome?.message == "identity assertion failed: the token endpoint answered 400 (invalid_grant)")
    }

    @Test("A probe is the gateway's own at the target")
    func probe() throws {
        let fixture = try fixture()
        _ = fixture.authorize(identity: 0, purpose: Int(VMCP_AUTH_PROBE))
        #expect(fixture.host.exchange().url == "http://127.0.0.1:1/token")
        #expect(fixture.host.exchange().fields == ["grant_type=client_credentials", "audience=\(Self.audience)"])
    }
}
