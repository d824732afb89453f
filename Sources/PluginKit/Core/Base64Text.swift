/// RFC 4648: what HTTP Basic, JSON Web Tokens and the credentials of registries need, without a library.
package enum Base64Text {
    /// Section 4, padded.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var out: [UInt8] = []
        var (buffer, bits) = (0, 0)
        for byte in bytes {
            (buffer, bits) = (buffer << 8 | Int(byte), bits + 8)
            while bits >= 6 {
                bits -= 6
                out.append(alphabet[buffer >> bits & 63])
            }
        }
        if bits > 0 { out.append(alphabet[buffer << (6 - bits) & 63]) }
        while out.count % 4 != 0 { out.append(UInt8(ascii: "=")) }
        return String(decoding: out, as: UTF8.self)
    }

    /// Section 5, padded.
    package static func encodeURL(_ bytes: some Sequence<UInt8>) -> String {
        encode(bytes).replacing("+", with: "-").replacing("/", with: "_")
    }

    /// Section 4, padded or not; `nil` for anything else.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let digits = String(text).replacing("+", with: "-").replacing("/", with: "_")
        return decodeURL(digits.prefix { $0 != "=" })
    }

    /// Section 5, unpadded; `nil` for anything else.
    package static func decodeURL(_ text: some StringProtocol) -> [UInt8]? {
        var out: [UInt8] = []
        var (buffer, bits) = (0, 0)
        for byte in text.utf8 {
            let value: Int
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = Int(byte) - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = Int(byte) - 71
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = Int(byte) + 4
            case UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "_"): value = 63
            default: return nil
            }
            (buffer, bits) = ((buffer << 6 | value) & 0xFFFF, bits + 6)
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(buffer >> bits & 0xFF))
            }
        }
        return bits < 6 ? out : nil
    }
}
