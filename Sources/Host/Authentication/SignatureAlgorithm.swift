/// The signature algorithms that are accepted (RFC 7518, section 3.1): those of public keys alone. `none` and the HMAC
/// ones are not here: whoever knows the public key could make tokens with them.
enum SignatureAlgorithm: String, CaseIterable, Sendable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
}
