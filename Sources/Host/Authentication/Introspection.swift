import Gateway
import HostServices

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Asks the issuer about opaque tokens (RFC 7662).
struct Introspection: Sendable {
    let settings: OIDCSettings
    let fetch: any DocumentFetch

    /// What the issuer says of the token: an object, `active` and true.
    func ask(_ token: String, at url: String) async throws(TokenFault) -> JSONSlice {
        let secret = try clientSecret()
        let basic =
            settings.clientID.isEmpty || secret.isEmpty
            ? nil
            : Data("\(FormText.encode(settings.clientID.utf8)):\(FormText.encode(secret))".utf8)
                .base64EncodedString()
        let answer: FetchedDocument
        do throws(FetchFault) {
            answer = try await fetch.post(
                url, form: "token=\(FormText.encode(token.utf8))&token_type_hint=access_token", basic: basic)
        } catch {
            throw TokenFault(.issuerUnavailable, "the issuer cannot be asked about the token now")
        }
        guard answer.status == 200, answer.body.count <= 65_536 else {
            throw TokenFault(.inactive, "the issuer does not answer for the token")
        }
        let json: JSONSlice
        do throws(JSONScanError) { json = try JSONSlice(validating: answer.body) } catch {
            throw TokenFault(.inactive, "the issuer's answer about the token is no JSON")
        }
        guard json.kind == .object, json["active"]?.bool == true else {
            throw TokenFault(.inactive, "the token is not active")
        }
        return json
    }

    private func clientSecret() throws(TokenFault) -> [UInt8] {
        guard !settings.clientSecretPath.isEmpty else { return settings.clientSecret }
        do {
            let bytes = try FileBytes.read(settings.clientSecretPath)
            return Array(bytes.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }.reversed())
        } catch {
            throw TokenFault(.issuerUnavailable, "the issuer cannot be asked about the token now")
        }
    }
}

/// `application/x-www-form-urlencoded` (RFC 6749, appendix B).
enum FormText {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                out.append(byte)
            default: out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
