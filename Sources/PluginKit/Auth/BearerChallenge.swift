/// What a server says about the token it wants: a `Bearer` challenge of `WWW-Authenticate` (RFC 9110, section 11.6.1; RFC 6750,
/// section 3; RFC 9728, section 5.1).
///
/// It comes from the server: check what you use of it.
public struct BearerChallenge: Sendable, Equatable {
    /// The parameters, names in lower case, values without their quotes. Of those that come twice the first counts.
    public let parameters: [String: String]

    /// Where the server's metadata are (RFC 9728).
    public var resourceMetadata: String? { parameters["resource_metadata"] }
    /// The scopes that the token must have.
    public var scopes: [String] { parameters["scope"]?.split(separator: " ").map(String.init) ?? [] }
    /// Why the token that was sent did not do, such as `invalid_token`.
    public var error: String? { parameters["error"] }

    /// Finds the first bearer challenge in a header's value, which may hold several of several schemes; `nil` when there is
    /// none.
    public init?(_ header: String) {
        var reader = Reader(bytes: Array(header.utf8))
        var found: [String: String]?
        while let word = reader.word() {
            if reader.isFollowedByEquals {
                let value = reader.value()
                if found?[word.lowercased()] == nil { found?[word.lowercased()] = value }
            } else if found != nil {
                // The next scheme.
                break
            } else if word.lowercased() == "bearer" {
                found = [:]
            }
        }
        guard let found else { return nil }
        parameters = found
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

        /// A scheme or the name of a parameter; what stands between them is passed over.
        mutating func word() -> String? {
            while let byte = current, !Self.isToken(byte) { position += 1 }
            let start = position
            while let byte = current, Self.isToken(byte) { position += 1 }
            return start == position ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
        }

        /// Whether the word was a name. White space around the sign is tolerated (RFC 9110, section 5.6.3).
        var isFollowedByEquals: Bool { bytes[position...].first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "=") }

        mutating func value() -> String {
            while let byte = current, byte == 0x20 || byte == 0x09 || byte == UInt8(ascii: "=") { position += 1 }
            guard current == UInt8(ascii: "\"") else {
                let start = position
                while let byte = current, byte != 0x20, byte != 0x09, byte != UInt8(ascii: ",") { position += 1 }
                return String(decoding: bytes[start..<position], as: UTF8.self)
            }
            position += 1
            var out: [UInt8] = []
            while let byte = current, byte != UInt8(ascii: "\"") {
                if byte == UInt8(ascii: "\\"), position + 1 < bytes.count { position += 1 }
                out.append(bytes[position])
                position += 1
            }
            position += 1
            return String(decoding: out, as: UTF8.self)
        }

        /// RFC 9110, section 5.6.2.
        private static func isToken(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
