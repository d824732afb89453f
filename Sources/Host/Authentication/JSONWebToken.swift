import Gateway

/// A JSON Web Token, taken apart and not yet believed (RFC 7519; RFC 7515, compact serialization).
struct JSONWebToken {
    let algorithm: String
    let keyID: String?
    /// The claims as JSON, an object.
    let claims: JSONSlice
    /// What is signed: header and payload as they came.
    let signed: ArraySlice<UInt8>
    let signature: [UInt8]

    /// - Returns: `nil` when the text is no token of three parts with a header that is JSON: it is opaque then.
    init?(_ token: String) {
        let bytes = Array(token.utf8)
        let dots = bytes.indices.filter { bytes[$0] == UInt8(ascii: ".") }
        guard dots.count == 2, let header = Self.object(bytes[..<dots[0]]),
            let claims = Self.object(bytes[(dots[0] + 1)..<dots[1]]),
            let signature = Base64.url.decode(bytes[(dots[1] + 1)...])
        else { return nil }
        // A header that says what must be understood, and that we do not (RFC 7515, section 4.1.11).
        guard header["crit"] == nil, let algorithm = header["alg"]?.string else { return nil }
        self.algorithm = algorithm
        keyID = header["kid"]?.string
        self.claims = claims
        self.signature = signature
        signed = bytes[..<dots[1]]
    }

    /// An object in which no name stands twice: readers could disagree about which one counts.
    private static func object(_ text: ArraySlice<UInt8>) -> JSONSlice? {
        guard let bytes = Base64.url.decode(text) else { return nil }
        do throws(JSONScanError) {
            let value = try JSONSlice(validating: bytes)
            guard value.kind == .object else { return nil }
            let names = value.members.map(\.key)
            return Set(names).count == names.count ? value : nil
        } catch {
            return nil
        }
    }
}
