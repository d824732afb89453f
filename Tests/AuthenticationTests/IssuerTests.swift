import Crypto
import Synchronization
import Testing

@testable import HostAuthentication

@Suite("Keys and introspection of the issuer")
struct IssuerTests {
    private let keysURL = "\(TestIssuer.name)/keys"

    @Test("A key that is new to the set is fetched, at most once in 30 seconds")
    func rotation() async throws {
        let test = try TestGate()
        #expect(await test.subject(try test.issuer.token()) == "alice")
        test.issuer.state.withLock { $0.keys = [("second", P256.Signing.PrivateKey())] }
        let token = try test.issuer.token(key: "second")
        // Fetched a moment ago: made-up ids must not make us ask.
        #expect(await test.refusal(token)?.challenge.contains("not one of the issuer's") == true)
        #expect(test.issuer.fetches.filter { $0 == keysURL }.count == 1)
        test.advance(31)
        #expect(await test.subject(token) == "alice")
        #expect(test.issuer.fetches.filter { $0 == keysURL }.count == 2)
    }

    @Test("Many requests at once are one fetch")
    func singleFlight() async throws {
        let test = try TestGate()
        let tokens = try (0..<50).map { number in
            try test.issuer.token(TestIssuer.claims { $0["jti"] = "\(number)" })
        }
        await withTaskGroup(of: String?.self) { group in
            for token in tokens { group.addTask { await test.subject(token) } }
            for await subject in group { #expect(subject == "alice") }
        }
        #expect(test.issuer.fetches.count == 2)
    }

    @Test("A set that cannot be renewed is used on; without one the next request tries again")
    func outage() async throws {
        let test = try TestGate()
        test.issuer.state.withLock { $0.isDown = true }
        #expect(await test.refusal(try test.issuer.token())?.challenge.contains("cannot be fetched now") == true)
        // Three attempts at discovery.
        #expect(test.issuer.fetches.count == 3)
        test.issuer.state.withLock { $0.isDown = false }
        #expect(await test.subject(try test.issuer.token()) == "alice")
        test.issuer.state.withLock { $0.isDown = true }
        test.advance(7_200)
        let later = try test.issuer.token(TestIssuer.claims { $0["exp"] = 2_000_000 })
        #expect(await test.subject(later) == "alice")
    }

    @Test("A discovery document of another issuer is not used")
    func otherIssuer() async throws {
        let test = try TestGate()
        test.issuer.state.withLock { $0.namedIssuer = "https://evil.example" }
        #expect(await test.refusal(try test.issuer.token())?.status == 401)
        #expect(!test.issuer.fetches.contains(keysURL))
    }

    @Test("A key URL that is given needs no discovery")
    func explicitKeys() async throws {
        let test = try TestGate { $0.jwksURL = "\(TestIssuer.name)/keys" }
        #expect(await test.subject(try test.issuer.token()) == "alice")
        #expect(test.issuer.fetches == [keysURL])
    }

    @Test("An opaque token is asked about, and again after a minute")
    func introspection() async throws {
        let test = try TestGate()
        test.issuer.state.withLock {
            // Servers exist that say 0 of a token without an end.
            $0.opaque["opaque"] = """
                {"active":true,"iss":"\(TestIssuer.name)","aud":"\(TestIssuer.audience)","sub":"bob","exp":0}
                """
        }
        let asked = { test.issuer.fetches.filter { $0.hasPrefix("POST") }.count }
        #expect(await test.subject("opaque") == "bob")
        test.advance(59)
        #expect(await test.subject("opaque") == "bob")
        #expect(asked() == 1)
        test.issuer.state.withLock { $0.opaque = [:] }
        test.advance(2)
        #expect(await test.refusal("opaque")?.challenge.contains("the token is not active") == true)
        #expect(asked() == 2)
    }

    @Test("An opaque token is known no longer than the issuer says that it lives")
    func introspectedExpiry() async throws {
        let test = try TestGate()
        test.issuer.state.withLock {
            $0.opaque["opaque"] = """
                {"active":true,"iss":"\(TestIssuer.name)","aud":"\(TestIssuer.audience)","sub":"bob","exp":1000010}
                """
        }
        let asked = { test.issuer.fetches.filter { $0.hasPrefix("POST") }.count }
        #expect(await test.subject("opaque") == "bob")
        test.advance(9)
        #expect(await test.subject("opaque") == "bob")
        #expect(asked() == 1)
        test.advance(2)
        _ = await test.answer(token: "opaque")
        #expect(asked() == 2)
    }

    @Test("A token that the issuer refused is not asked about again for five seconds")
    func refusedTokens() async throws {
        let test = try TestGate()
        let asked = { test.issuer.fetches.filter { $0.hasPrefix("POST") }.count }
        for _ in 0..<5 { #expect(await test.refusal("opaque")?.status == 401) }
        #expect(asked() == 1)
        #expect(await test.refusal("opaque")?.challenge.contains("the token is not active") == true)
        test.advance(5)
        #expect(await test.refusal("opaque")?.status == 401)
        #expect(asked() == 2)
    }

    @Test("Strangers cannot make the gateway ask more than 200 times at once, and users who are known go on")
    func floods() async throws {
        let test = try TestGate()
        test.issuer.state.withLock {
            for name in ["known", "late"] {
                $0.opaque[name] = """
                    {"active":true,"iss":"\(TestIssuer.name)","aud":"\(TestIssuer.audience)","sub":"\(name)"}
                    """
            }
        }
        #expect(await test.subject("known") == "known")
        var statuses: [Int: Int] = [:]
        for number in 0..<300 { statuses[await test.refusal("t\(number)")?.status ?? 0, default: 0] += 1 }
        #expect(statuses == [401: 199, 503: 101])
        #expect(test.issuer.fetches.filter { $0.hasPrefix("POST") }.count == 200)
        #expect(await test.subject("known") == "known")
        let busy = await test.refusal("late")
        #expect(busy?.status == 503)
        #expect(busy?.challenge.contains("error=\"temporarily_unavailable\"") == true)
        // A hundredth of a second makes room for one.
        test.advance(0.011)
        #expect(await test.subject("late") == "late")
        #expect(await test.refusal("another")?.status == 503)
    }

    @Test(
        "What introspection says is held to the same rules",
        arguments: [
            "\"iss\":\"https://other.example\"", "\"aud\":\"other\"", "\"exp\":1", "\"sub\":\"\"", "\"active\":false",
        ])
    func introspectionRules(member: String) async throws {
        let test = try TestGate()
        let names = [
            "active": "true", "iss": "\"\(TestIssuer.name)\"", "aud": "\"\(TestIssuer.audience)\"", "sub": "\"bob\"",
        ]
        let kept = names.filter { !member.hasPrefix("\"\($0.key)\"") }.map { "\"\($0.key)\":\($0.value)" }
        let answer = "{\((kept + [member]).joined(separator: ","))}"
        test.issuer.state.withLock { $0.opaque["opaque"] = answer }
        #expect(await test.refusal("opaque")?.status == 401)
    }

    @Test("A decodable token with a wrong signature is never asked about")
    func noFallback() async throws {
        let test = try TestGate()
        let token = try TestIssuer().token()
        #expect(await test.refusal(token) != nil)
        #expect(!test.issuer.fetches.contains { $0.hasPrefix("POST") })
    }

    @Test("Metadata names the resource and the issuer, and no scope that is the client's own affair")
    func metadata() throws {
        var settings = OIDCSettings(issuer: TestIssuer.name, audience: "a")
        #expect(ProtectedResource(settings).document == nil)
        #expect(ProtectedResource(settings).metadataURL == nil)
        settings.resource = "https://gateway.example:8443/"
        settings.scopes = ["mcp:tools", "offline_access"]
        #expect(
            ProtectedResource(settings).metadataURL
                == "https://gateway.example:8443/.well-known/oauth-protected-resource")
        #expect(
            ProtectedResource(settings).document.map { String(decoding: $0, as: UTF8.self) }
                == "{\"resource\":\"https://gateway.example:8443/\",\"authorization_servers\":[\"https://issuer.example\"],"
                + "\"bearer_methods_supported\":[\"header\"],\"scopes_supported\":[\"mcp:tools\"]}")
    }
}
