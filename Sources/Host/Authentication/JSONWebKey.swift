import Crypto
import CryptoExtras
import Gateway

/// A public key that an issuer signs tokens with (RFC 7517, RFC 7518 section 6).
enum JSONWebKey: Sendable {
    case rsa(_RSA.Signing.PublicKey)
    case p256(P256.Signing.PublicKey)
    case p384(P384.Signing.PublicKey)
    case p521(P521.Signing.PublicKey)

    /// Reads a key of a set.
    ///
    /// - Returns: `nil` for what is not for verifying signatures by an algorithm of ours; RSA keys below 2048 bits too.
    init?(_ key: JSONSlice) {
        if let use = key["use"]?.string, use != "sig" { return nil }
        if let operations = key["key_ops"], !operations.elements.contains(where: { $0.string == "verify" }) {
            return nil
        }
        func bytes(_ name: String) -> [UInt8]? { key[name]?.string.flatMap { Base64.url.decode($0.utf8) } }
        do {
            switch key["kty"]?.string {
            case "RSA":
                guard let n = bytes("n"), let e = bytes("e"), n.drop(while: { $0 == 0 }).count >= 256 else {
                    return nil
                }
                self = .rsa(try _RSA.Signing.PublicKey(n: n, e: e))
            case "EC":
                guard let x = bytes("x"), let y = bytes("y") else { return nil }
                let point = [0x04] + x + y
                switch key["crv"]?.string {
                case "P-256": self = .p256(try P256.Signing.PublicKey(x963Representation: point))
                case "P-384": self = .p384(try P384.Signing.PublicKey(x963Representation: point))
                case "P-521": self = .p521(try P521.Signing.PublicKey(x963Representation: point))
                default: return nil
                }
            default: return nil
            }
        } catch {
            // One key that is broken must not cost the others.
            return nil
        }
    }

    /// Whether a signature is this key's. An algorithm of another kind of key is not: RSA keys do not verify ES256.
    func verifies(_ signature: [UInt8], of signed: ArraySlice<UInt8>, by algorithm: SignatureAlgorithm) -> Bool {
        switch (self, algorithm) {
        case (.rsa(let key), .rs256): Self.rsa(key, signature, SHA256.hash(data: signed), .insecurePKCS1v1_5)
        case (.rsa(let key), .rs384): Self.rsa(key, signature, SHA384.hash(data: signed), .insecurePKCS1v1_5)
        case (.rsa(let key), .rs512): Self.rsa(key, signature, SHA512.hash(data: signed), .insecurePKCS1v1_5)
        case (.rsa(let key), .ps256): Self.rsa(key, signature, SHA256.hash(data: signed), .PSS)
        case (.rsa(let key), .ps384): Self.rsa(key, signature, SHA384.hash(data: signed), .PSS)
        case (.rsa(let key), .ps512): Self.rsa(key, signature, SHA512.hash(data: signed), .PSS)
        case (.p256(let key), .es256):
            (try? P256.Signing.ECDSASignature(rawRepresentation: signature)).map {
                key.isValidSignature($0, for: SHA256.hash(data: signed))
            } ?? false
        case (.p384(let key), .es384):
            (try? P384.Signing.ECDSASignature(rawRepresentation: signature)).map {
                key.isValidSignature($0, for: SHA384.hash(data: signed))
            } ?? false
        case (.p521(let key), .es512):
            (try? P521.Signing.ECDSASignature(rawRepresentation: signature)).map {
                key.isValidSignature($0, for: SHA512.hash(data: signed))
            } ?? false
        default: false
        }
    }

    private static func rsa(
        _ key: _RSA.Signing.PublicKey, _ signature: [UInt8], _ digest: some Digest, _ padding: _RSA.Signing.Padding
    ) -> Bool {
        key.isValidSignature(_RSA.Signing.RSASignature(rawRepresentation: signature), for: digest, padding: padding)
    }
}
