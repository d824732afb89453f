import Crypto

/// A digest of the params of a request that is the same for a retry: the order of members, white space and the spelling
/// of strings do not matter, numbers count as they are written.
///
/// What a retry changes is left out: `_meta`, `inputResponses` and `requestState` (2026-07-28, Multi round-trip requests).
/// One pass over the text, whatever its nesting: a container counts by the digest of its content.
struct ParamsDigest {
    private static let leftOut: Set<String> = ["_meta", "inputResponses", "requestState"]

    private let bytes: [UInt8]
    private var position: Int

    private init(_ slice: JSONSlice) {
        bytes = slice.base
        position = slice.range.lowerBound
    }

    /// 32 bytes; `nil` params count as `{}`.
    static func of(_ params: JSONSlice?) -> [UInt8] {
        guard let params else { return Array(SHA256.hash(data: Array("{".utf8))) }
        var reader = ParamsDigest(params)
        return reader.value(leavingOut: leftOut)
    }

    /// Reads one value that is known to be well-formed. Containers give their digest, everything else itself.
    private mutating func value(leavingOut: Set<String> = []) -> [UInt8] {
        switch bytes[position] {
        case UInt8(ascii: "{"): return object(leavingOut)
        case UInt8(ascii: "["): return array()
        case UInt8(ascii: "\""): return [UInt8(ascii: "\"")] + text()
        default:
            let start = position
            while position < bytes.count, !Self.ends.contains(bytes[position]) { position += 1 }
            return Array(bytes[start..<position])
        }
    }

    private static let ends = Set(",]} \n\r\t".utf8)

    private mutating func object(_ leftOut: Set<String>) -> [UInt8] {
        var members: [(key: [UInt8], value: [UInt8])] = []
        position += 1
        while next(before: UInt8(ascii: "}")) {
            let key = text()
            skipSpace()
            position += 1  // the colon
            skipSpace()
            let value = value()
            if !leftOut.contains(String(decoding: key, as: UTF8.self)) { members.append((key, value)) }
        }
        // Stable, so that of two members with one key the order counts, as it does for who reads them.
        let ordered = members.enumerated().sorted { left, right in
            left.element.key == right.element.key
                ? left.offset < right.offset : left.element.key.lexicographicallyPrecedes(right.element.key)
        }
        var hash = SHA256()
        hash.update(data: Array("{".utf8))
        for (_, member) in ordered {
            Self.add(member.key, to: &hash)
            Self.add(member.value, to: &hash)
        }
        return Array("{".utf8) + Array(hash.finalize())
    }

    private mutating func array() -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("[".utf8))
        position += 1
        while next(before: UInt8(ascii: "]")) { Self.add(value(), to: &hash) }
        return Array("[".utf8) + Array(hash.finalize())
    }

    /// The length in front tells "ab" + "c" from "a" + "bc".
    private static func add(_ part: [UInt8], to hash: inout SHA256) {
        hash.update(data: withUnsafeBytes(of: UInt64(part.count).littleEndian) { Array($0) })
        hash.update(data: part)
    }

    /// Goes to the next element, or past the end of the container.
    private mutating func next(before end: UInt8) -> Bool {
        skipSpace()
        if bytes[position] == UInt8(ascii: ",") {
            position += 1
            skipSpace()
        }
        guard bytes[position] != end else {
            position += 1
            return false
        }
        return true
    }

    private mutating func skipSpace() {
        while [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }

    /// The text of a string.
    private mutating func text() -> [UInt8] {
        let start = position + 1
        position = start
        while bytes[position] != UInt8(ascii: "\"") { position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1 }
        defer { position += 1 }
        return Array((JSONText.decode(bytes[start..<position]) ?? "").utf8)
    }
}
