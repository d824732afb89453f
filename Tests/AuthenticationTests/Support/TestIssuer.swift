import Crypto
import CryptoExtras
import Foundation
import Synchronization

@testable import HostAuthentication

/// An issuer with keys of its own, reached without a network: its documents are what a real one serves.
final class TestIssuer: DocumentFetch {
    struct State {
        var keys: [(id: String, key: P256.Signing.PrivateKey)]
        var fetches: [String] = []
        /// Answers to introspection by token; others are not active.
        var opaque: [String: String] = [:]
        var questions: [IssuerQuestion] = []
        /// The answer to every question, whatever its token.
        var told: FetchedDocument?
        var isDown = false
        var namedIssuer = TestIssuer.name
    }

    static let name = "https://issuer.example"
    static let audience = "https://gateway.example/mcp"
    let state = Mutex(State(keys: [("first", P256.Signing.PrivateKey())]))
    let rsa: _RSA.Signing.PrivateKey

    init() throws { rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    var fetches: [String] { state.withLock { $0.fetches } }

    func get(_ url: String) async throws(FetchFault) -> FetchedDocument {
        let body = state.withLock { state -> String? in
            state.fetches.append(url)
            if state.isDown { return nil }
            if url.hasSuffix("/.well-known/openid-configuration") {
                return """
                    {"issuer":"\(state.namedIssuer)","jwks_uri":"\(Self.name)/keys",\
                    "introspection_endpoint":"\(Self.name)/introspect"}
                    """
            }
            let keys = state.keys.map { entry in
                let point = entry.key.publicKey.x963Representation.dropFirst()
                return """
                    {"kty":"EC","crv":"P-256","use":"sig","kid":"\(entry.id)","alg":"ES256",\
                    "x":"\(Self.text(point.prefix(32)))","y":"\(Self.text(point.suffix(32)))"}
                    """
            }
            return
                "{\"keys\":[\((keys + [rsaKey, "{\"kty\":\"oct\",\"kid\":\"shared\",\"k\":\"AAAA\"}"]).joined(separator: ","))]}"
        }
        guard let body else { throw FetchFault(text: "it is down") }
        return FetchedDocument(status: 200, body: Array(body.utf8), maxAge: nil)
    }

    func ask(_ question: IssuerQuestion) async throws(FetchFault) -> FetchedDocument {
        let fields = question.body.split(separator: "&")
        let token = fields.first.map { String($0.dropFirst("token=".count)) } ?? ""
        return state.withLock { state in
            state.fetches.append("\(question.method) \(question.url)")
            state.questions.append(question)
            return state.told
                ?? FetchedDocument(
                    status: 200, body: Array((state.opaque[token] ?? "{\"active\":false}").utf8), maxAge: nil)
        }
    }

    private var rsaKey: String {
        do {
            let parts = try rsa.publicKey.getKeyPrimitives()
            return """
                {"kty":"RSA","kid":"rsa","n":"\(Self.text(parts.modulus))","e":"\(Self.text(parts.publicExponent))"}
                """
        } catch {
            return "{\"kty\":\"RSA\"}"
        }
    }

    // MARK: - Tokens

    /// Claims that are in order at the time 1,000,000.
    static func claims(_ change: (inout [String: Any]) -> Void = { _ in }) -> [String: Any] {
        var claims: [String: Any] = [
            "iss": name, "aud": audience, "sub": "alice", "exp": 1_000_600, "iat": 1_000_000, "nbf": 1_000_000,
        ]
        change(&claims)
        return claims
    }

    /// A token by the key of an id.
    func token(
        _ claims: [String: Any] = TestIssuer.claims(), header: [String: Any] = [:], key id: String = "first"
    ) throws -> String {
        let all = ["alg": "ES256", "kid": id, "typ": "JWT"].merging(header) { $1 }
        let signed = try "\(Self.text(Self.json(all))).\(Self.text(Self.json(claims)))"
        let key = state.withLock { state in state.keys.first { $0.id == id }?.key } ?? P256.Signing.PrivateKey()
        return "\(signed).\(Self.text(try key.signature(for: Data(signed.utf8)).rawRepresentation))"
    }

    /// A token by the RSA key.
    func rsaToken(algorithm: String, padding: _RSA.Signing.Padding, claims: [String: Any] = TestIssuer.claims()) throws
        -> String
    {
        let signed = try "\(Self.text(Self.json(["alg": algorithm, "kid": "rsa"]))).\(Self.text(Self.json(claims)))"
        let signature: _RSA.Signing.RSASignature =
            switch algorithm.suffix(3) {
            case "256": try rsa.signature(for: SHA256.hash(data: Data(signed.utf8)), padding: padding)
            case "384": try rsa.signature(for: SHA384.hash(data: Data(signed.utf8)), padding: padding)
            default: try rsa.signature(for: SHA512.hash(data: Data(signed.utf8)), padding: padding)
            }
        return "\(signed).\(Self.text(signature.rawRepresentation))"
    }

    /// A token with an arbitrary signature over an arbitrary header.
    static func forged(header: [String: Any], signature: (String) -> [UInt8] = { _ in [] }) throws -> String {
        let signed = try "\(text(json(header))).\(text(json(claims())))"
        return "\(signed).\(text(signature(signed)))"
    }

    static func json(_ object: [String: Any]) throws -> [UInt8] {
        Array(try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]))
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
