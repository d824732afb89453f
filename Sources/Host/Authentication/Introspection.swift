import Gateway
import HostServices

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Asks the issuer about opaque tokens.
struct Introspection: Sendable {
    let settings: OIDCSettings
    let fetch: any DocumentFetch

    /// What the issuer says of the token, which it takes for good.
    func ask(_ token: String, at url: String) async throws(TokenFault) -> JSONSlice {
        let form = IntrospectionForm(url: url)
        let secret = try clientSecret()
        let basic =
            settings.clientID.isEmpty || secret.isEmpty
            ? nil
            : Data("\(FormText.encode(settings.clientID.utf8)):\(FormText.encode(secret))".utf8)
                .base64EncodedString()
        let answer: FetchedDocument
        do throws(FetchFault) {
            answer = try await fetch.ask(form.question(about: token, at: url, basic: basic))
        } catch {
            throw TokenFault(.issuerUnavailable, "the issuer cannot be asked about the token now")
        }
        return try form.claims(of: answer)
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
