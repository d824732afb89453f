import PluginAPI
import PluginKit
import Synchronization
import Testing

@testable import OutgoingAuthCore

@Suite("Tokens with the scopes that a backend's 403 asks for")
struct StepUpTests {
    private static let issuer = "https://login.example"
    private static let resource =
        #"{"resource":"https://backend.example/mcp","authorization_servers":["https://login.example"],"scopes_supported":["read","list"]}"#
    private static let metadata =
        #"{"issuer":"https://login.example","token_endpoint":"https://login.example/token"}"#
    private static let issued =
        #"{"access_token":"C","token_type":"Bearer","expires_in":60,"issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}"#

    private static func challenge(_ scope: String) -> String {
        #"Bearer error="insufficient_scope", scope="\#(scope)""#
    }

    private func fixture(_ type: String = "token_exchange", _ more: String = "") throws -> StrategyFixture {
        let fixture = try StrategyFixture(
            type, #"{"issuer":"\#(Self.issuer)","clientId":"c","clientSecretRef":{"name":"s","key":"k"}\#(more)}"#,
            secrets: ["s/k": "p"])
        fixture.host.recorded.withLock { $0.token = "T" }
        return fixture
    }

    /// Answers for the metadata.
    private func discover(_ fixture: StrategyFixture) {
        fixture.host.exchange().answer(200, Self.resource)
        fixture.host.exchange(1).answer(200, Self.metadata)
    }

    /// The scopes that the last question asked for.
    private func scopes(_ fixture: StrategyFixture) -> String? {
        fixture.host.exchanges.last?.fields.first { $0.hasPrefix("scope=") }.map { String($0.dropFirst(6)) }
    }

    @Test("Those of the challenge are asked for besides, at once from then on, and for that caller alone")
    func union() throws {
        let fixture = try fixture()
        _ = fixture.authorize()
        discover(fixture)
        #expect(scopes(fixture) == "read list")
        fixture.host.exchange(2).answer(200, Self.issued)
        let second = fixture.authorize(attempt: 2, challenge: Self.challenge("write read"))
        #expect(scopes(fixture) == "read list write")
        fixture.host.exchange(3).answer(200, Self.issued)
        #expect(second.answer?.set == ["Authorization: Bearer C"])
        _ = fixture.authorize(attempt: 2, challenge: Self.challenge("delete"))
        #expect(scopes(fixture) == "read list write delete")
        fixture.host.exchange(4).answer(200, Self.issued)
        _ = fixture.authorize()
        #expect(scopes(fixture) == "read list write delete")
        // A probe has the gateway's own token.
        _ = fixture.authorize(identity: 0, purpose: Int(VMCP_AUTH_PROBE))
        #expect(scopes(fixture) == "read list" && fixture.host.exchanges.count == 7)
    }

    @Test("What the issuer refuses is not asked for again: the 403 stands")
    func refused() throws {
        let fixture = try fixture("client_credentials")
        _ = fixture.authorize()
        discover(fixture)
        fixture.host.exchange(2).answer(200, Self.issued)
        let second = fixture.authorize(attempt: 2, challenge: Self.challenge("write"))
        #expect(scopes(fixture) == "read list write")
        fixture.host.exchange(3).answer(400, #"{"error":"invalid_scope"}"#)
        #expect(second.outcome == .ok && second.answer == nil)
        #expect(fixture.host.lines.contains { $0.contains("answered 400 (invalid_scope)") })
        _ = fixture.authorize()
        #expect(scopes(fixture) == "read list")
    }

    @Test("Scopes that are written down are the operator's word, and so is an endpoint")
    func fixed() throws {
        #expect(try fixture().flags == UInt32(VMCP_AUTH_STEPS_UP))
        #expect(try fixture("client_credentials").flags == UInt32(VMCP_AUTH_STEPS_UP))
        let fixtures = [
            try fixture("token_exchange", #","scopes":["mine"]"#),
            try StrategyFixture("token_exchange", #"{"tokenUrl":"https://login.example/token"}"#),
        ]
        for fixture in fixtures {
            fixture.host.recorded.withLock { $0.token = "T" }
            #expect(fixture.flags == 0)
            let pending = fixture.authorize(attempt: 2, challenge: Self.challenge("write"))
            #expect(pending.outcome == .ok && pending.answer == nil && fixture.host.exchanges.isEmpty)
        }
    }

    @Test("Beyond ten thousand callers all are forgotten, and begin with the metadata again")
    func bounded() {
        var asked = AskedScopes()
        let more = BearerChallenge(Self.challenge("write"))
        for owner in 1...UInt64(AskedScopes.capacity) {
            _ = asked.scopes(owner, challenge: more, isStepUp: true, supported: ["read"])
        }
        #expect(asked.scopes(1, challenge: nil, isStepUp: false, supported: ["read"]) == ["read", "write"])
        #expect(asked.scopes(0, challenge: nil, isStepUp: false, supported: ["read"]) == ["read"])
        #expect(asked.scopes(1, challenge: nil, isStepUp: false, supported: ["read"]) == ["read"])
    }
}
