/// A resource URI, or URI template, of a backend as clients get it where another backend lists the same one:
/// `vmcp.BACKEND+` in front of the original, so that `file:///a` of `docs` is `vmcp.docs+file:///a`.
///
/// The prefix makes another scheme of the URI's own (RFC 3986, section 3.1: letters, digits, `+`, `-`, `.`), and nothing
/// behind it changes. So parsers leave authority, path, query and escapes where they were, a relative reference still
/// resolves to a neighbour, and a sub-resource still begins with its parent. A template (RFC 6570) stays one: whatever it
/// expands to has the same prefix in front of what the original expands to, which an encoding of the whole would break,
/// because expansions are escaped already. All letters are lower case, as parsers make schemes.
///
/// The form depends on the backend's name alone, so it is the same whatever other backends do, and it is read without
/// knowing any of them. What a backend itself lists in this form (it may be a gateway too) gets one more prefix: whatever
/// clients see in this form was made here.
package struct RewrittenURI: Sendable, Equatable {
    private static let opening = Array("vmcp.".utf8)
    private static let closing = UInt8(ascii: "+")

    /// `vmcp.BACKEND+`.
    package let prefix: String
    /// What the backend calls it; never empty.
    package let original: String

    /// What goes in front of the URIs of a backend. Bytes of its name other than `a`-`z`, `0`-`9` and `-` are written as `.`
    /// and two hexadecimal digits, so no two backends share a prefix.
    package static func prefix(of backend: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var out = opening
        for byte in backend.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                out.append(byte)
            default: out += [UInt8(ascii: "."), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out + [closing], as: UTF8.self)
    }

    /// Reads a URI that a client sent; `nil` when it is not of this form.
    package init?(_ uri: String) {
        // By bytes: a character of Swift may reach over the end of the prefix.
        let bytes = uri.utf8
        guard bytes.starts(with: Self.opening), let end = bytes.firstIndex(of: Self.closing) else { return nil }
        let name = bytes[bytes.index(bytes.startIndex, offsetBy: Self.opening.count)..<end]
        let rest = bytes[bytes.index(after: end)...]
        guard !rest.isEmpty, !name.isEmpty, name.allSatisfy(Self.isNameByte) else { return nil }
        prefix = String(decoding: bytes[...end], as: UTF8.self)
        original = String(decoding: rest, as: UTF8.self)
    }

    /// What the backend calls what a client calls `uri`.
    package static func original(of uri: String) -> String { RewrittenURI(uri)?.original ?? uri }

    /// Whether it is one of this backend's.
    func isOf(_ backend: String) -> Bool { prefix == Self.prefix(of: backend) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}
