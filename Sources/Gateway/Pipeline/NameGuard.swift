/// Keeps names to what clients accept.
///
/// Many clients refuse tool names over 64 characters, and model interfaces take letters, digits, `_`, `.` and `-` only
/// (MCP 2025-11-25, Tool Names, allows the same characters).
package enum NameGuard {
    /// Longest name left as it is, in characters.
    package static let longest = 64
    private static let suffixLength = 9

    /// Whether clients accept the name.
    package static func accepts(_ name: String) -> Bool {
        let utf8 = name.utf8
        return !utf8.isEmpty && utf8.count <= longest && utf8.allSatisfy(isAllowed)
    }

    /// The name itself if clients accept it. Otherwise its first part, other characters as `_`, then `_` and eight
    /// hexadecimal digits of the FNV-1a 64 hash of the whole name, folded to 32 bits: at most 64 characters, the same
    /// in every run, and accepted, so that shortening twice changes nothing.
    ///
    /// - Parameter attempt: Counts up from 0 for names whose short forms are equal.
    package static func shortened(_ name: String, attempt: Int = 0) -> String {
        if accepts(name) { return name }
        var text: [UInt8] = []
        for scalar in name.unicodeScalars {
            guard text.count < longest - suffixLength else { break }
            text.append(scalar.isASCII && isAllowed(UInt8(scalar.value)) ? UInt8(scalar.value) : UInt8(ascii: "_"))
        }
        let hash = StableHash.fnv1a(attempt == 0 ? Array(name.utf8) : Array("\(attempt)\0\(name)".utf8))
        let digits = String(UInt32(truncatingIfNeeded: hash ^ hash >> 32), radix: 16)
        text.append(UInt8(ascii: "_"))
        text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: suffixLength - 1 - digits.utf8.count))
        text.append(contentsOf: digits.utf8)
        return String(decoding: text, as: UTF8.self)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
