import Crypto
import CryptoExtras
import Foundation
import Gateway
import Synchronization
import Testing

@testable import HostAuthentication

@Suite("Tokens at the gate")
struct TokenTests {
    @Test("A token in order is let in with issuer and subject, and looked at once")
    func good() async throws {
        let test = try TestGate()
        let token = try test.issuer.token()
        let first = try await test.answer(token: token).get()
        #expect(first == Principal(issuer: TestIssuer.name, subject: "alice"))
        #expect(first.identity?.number == 1)
        // Known now: judged at once.
        #expect(try test.gate.judge(["Bearer \(token)"])?.get().identity?.number == 1)
        #expect(
            test.issuer.fetches == ["\(TestIssuer.name)/.well-known/openid-configuration", "\(TestIssuer.name)/keys"])
        #expect(test.identities.registered.withLock { $0.count } == 1)
    }

    @Test(
        "RSA signatures are accepted",
        arguments: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
    func rsa(algorithm: String) async throws {
        let test = try TestGate()
        let padding: _RSA.Signing.Padding = algorithm.hasPrefix("PS") ? .PSS : .insecurePKCS1v1_5
        #expect(await test.subject(try test.issuer.rsaToken(algorithm: algorithm, padding: padding)) == "alice")
        // The other padding under the same name is not.
        let other: _RSA.Signing.Padding = algorithm.hasPrefix("PS") ? .insecurePKCS1v1_5 : .PSS
        #expect(await test.refusal(try test.issuer.rsaToken(algorithm: algorithm, padding: other))?.status == 401)
    }

    /// What is wrong with a token, and the sentence that says so.
    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let reason: String
        let token: @Sendable (TestIssuer) throws -> String
        init(_ title: String, _ reason: String, _ token: @escaping @Sendable (TestIssuer) throws -> String) {
            (testDescription, self.reason, self.token) = (title, reason, token)
        }
    }

    static let wrong: [Wrong] = [
        Wrong("expired", "the token has expired") { try $0.token(TestIssuer.claims { $0["exp"] = 999_980 }) },
        Wrong("no expiry", "the token has no expiry") { try $0.token(TestIssuer.claims { $0["exp"] = nil }) },
        Wrong("expiry is text", "a time in the token is no number") {
            try $0.token(TestIssuer.claims { $0["exp"] = "1000600" })
        },
        Wrong("not yet valid", "the token is not valid yet") {
            try $0.token(TestIssuer.claims { $0["nbf"] = 1_000_030 })
        },
        Wrong("issued in the future", "the token is not valid yet") {
            try $0.token(TestIssuer.claims { $0["iat"] = 1_000_030 })
        },
        Wrong("wrong audience", "the token is for another audience") {
            try $0.token(TestIssuer.claims { $0["aud"] = ["https://other.example", TestIssuer.audience + "/"] })
        },
        Wrong("no audience", "the token is for another audience") {
            try $0.token(TestIssuer.claims { $0["aud"] = nil })
        },
        Wrong("wrong issuer", "the token is of another issuer") {
            try $0.token(TestIssuer.claims { $0["iss"] = TestIssuer.name + "/" })
        },
        Wrong("no subject", "the token names no subject") { try $0.token(TestIssuer.claims { $0["sub"] = nil }) },
        Wrong("wrong key", "the token's signature is not the issuer's") { _ in try TestIssuer().token() },
        Wrong("unknown kid", "the key of the token is not one of the issuer's") { try $0.token(key: "other") },
        Wrong("no kid", "the token names no key") { try $0.token(header: ["kid": ""]) },
        Wrong("a key of another kind", "the key of the token is not one of the issuer's") {
            try $0.token(header: ["alg": "ES384"])
        },
        Wrong("an RSA key for an EC algorithm", "the token's signature is not the issuer's") {
            try $0.token(header: ["kid": "rsa"])
        },
        Wrong("alg none", "the token's signature algorithm is not accepted") { _ in
            try TestIssuer.forged(header: ["alg": "none", "kid": "first"])
        },
        Wrong("alg None without signature", "the token's signature algorithm is not accepted") { _ in
            try TestIssuer.forged(header: ["alg": "None", "kid": "first"])
        },
        Wrong("HS256 with the public key", "the token's signature algorithm is not accepted") { issuer in
            let key = issuer.rsa.publicKey.derRepresentation
            return try TestIssuer.forged(header: ["alg": "HS256", "kid": "rsa"]) { signed in
                Array(HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: SymmetricKey(data: key)))
            }
        },
        Wrong("HS256 with a key of the set", "the token's signature algorithm is not accepted") { _ in
            try TestIssuer.forged(header: ["alg": "HS256", "kid": "shared"]) { signed in
                Array(
                    HMAC<SHA256>.authenticationCode(
                        for: Data(signed.utf8), using: SymmetricKey(data: [UInt8](repeating: 0, count: 3))))
            }
        },
        Wrong("critical header", "the token is not active") {
            try $0.token(header: ["crit": ["exp"], "exp": 1])
        },
        Wrong("truncated", "the token is not active") { String(try $0.token().dropLast(90)) + "..." },
    ]

    @Test("Is refused with the challenge that says why", arguments: wrong)
    func refused(wrong: Wrong) async throws {
        let test = try TestGate()
        let refusal = try #require(await test.refusal(try wrong.token(test.issuer)))
        #expect(refusal.status == 401)
        #expect(
            refusal.challenge
                == "Bearer realm=\"https://issuer.example\", "
                + "resource_metadata=\"https://gateway.example/.well-known/oauth-protected-resource/mcp\", "
                + "error=\"invalid_token\", error_description=\"\(wrong.reason)\"")
        #expect(
            String(decoding: refusal.body, as: UTF8.self)
                == "{\"error\":\"invalid_token\",\"error_description\":\"Invalid token: \(wrong.reason)\"}")
        #expect(test.identities.registered.withLock { $0.isEmpty })
    }

    @Test(
        "A request without one bearer token is refused before anything is fetched",
        arguments: [
            ([String](), "authorization header required"),
            (["Basic YTpi"], "invalid authorization header format, expected 'Bearer <token>'"),
            (["bearer abc"], "invalid authorization header format, expected 'Bearer <token>'"),
            (["Bearer a b"], "invalid authorization header format, expected 'Bearer <token>'"),
            (["Bearer "], "empty token in authorization header"),
            (["Bearer a", "Bearer b"], "expected one authorization header, found several"),
        ])
    func noToken(authorization: [String], reason: String) async throws {
        let test = try TestGate()
        guard case .failure(let refusal)? = test.gate.judge(authorization) else {
            Issue.record("expected a refusal at once")
            return
        }
        #expect(refusal.status == 401)
        #expect(refusal.challenge.hasSuffix("error=\"invalid_request\", error_description=\"\(reason)\""))
        #expect(test.issuer.fetches.isEmpty)
    }

    @Test("10,000 random mutations of a good token are all refused")
    func mutations() async throws {
        let test = try TestGate()
        let token = Array(try test.issuer.token().utf8)
        #expect(await test.subject(String(decoding: token, as: UTF8.self)) == "alice")
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \u{7F}\"\\".utf8)
        var admitted: [String] = []
        for _ in 0..<10_000 {
            var mutated = token
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<mutated.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: mutated[place] = alphabet.randomElement(using: &generator)!
                case 1: mutated.remove(at: place)
                case 2: mutated.insert(alphabet.randomElement(using: &generator)!, at: place)
                default: mutated.removeSubrange(place...)
                }
                if mutated.isEmpty { mutated = Array("x".utf8) }
            }
            guard mutated != token else { continue }
            // What cannot be decoded is asked about, a hundred times a second at most.
            test.advance(0.01)
            let text = String(decoding: mutated, as: UTF8.self)
            guard let refusal = await test.refusal(text) else {
                admitted.append(text)
                continue
            }
            if refusal.status != 401 || !refusal.challenge.hasPrefix("Bearer realm=") { admitted.append(text) }
        }
        #expect(admitted == [])
    }

    @Test(
        "A clock that is a little off does not lock out, one that is far off does",
        arguments: [(9.0, true), (11, false)])
    func leeway(late: Double, isLetIn: Bool) async throws {
        let test = try TestGate()
        let token = try test.issuer.token()
        test.advance(600 + late)
        #expect(await (test.subject(token) == "alice") == isLetIn)
    }

    @Test("A known token is let in no longer than it lives")
    func end() async throws {
        let test = try TestGate()
        let token = try test.issuer.token(TestIssuer.claims { $0["exp"] = 1_000_100 })
        #expect(await test.subject(token) == "alice")
        test.advance(111)
        #expect(test.gate.judge(["Bearer \(token)"]) == nil)
        #expect(await test.refusal(token)?.challenge.contains("the token has expired") == true)
    }

    @Test("Scopes of OpenID Connect are asked of clients, all others of the token")
    func scopes() async throws {
        let test = try TestGate { $0.scopes = ["openid", "offline_access", "mcp:tools", "mcp:read"] }
        let some = try test.issuer.token(TestIssuer.claims { $0["scope"] = "mcp:tools other" })
        let refusal = try #require(await test.refusal(some))
        #expect(refusal.status == 403)
        #expect(
            refusal.challenge.contains(
                "scope=\"openid mcp:tools mcp:read\", error=\"insufficient_scope\", error_description="))
        #expect(
            await test.subject(try test.issuer.token(TestIssuer.claims { $0["scope"] = "mcp:read mcp:tools" }))
                == "alice")
        #expect(
            await test.subject(try test.issuer.token(TestIssuer.claims { $0["scp"] = ["mcp:read", "mcp:tools"] }))
                == "alice")
    }

    @Test("Two tokens of one user are one principal with an identity each")
    func twoTokens() async throws {
        let test = try TestGate()
        let first = try await test.answer(token: try test.issuer.token()).get()
        let second = try await test.answer(token: try test.issuer.token(TestIssuer.claims { $0["jti"] = "2" })).get()
        #expect(first == second)
        #expect(first.identity?.number != second.identity?.number)
    }
}

/// The same numbers each time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
