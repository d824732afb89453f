import PluginKit

/// A piece of a ``ClaimExpression``'s text.
struct ClaimToken: Sendable {
    enum Kind: Sendable, Equatable {
        case name(String)
        case text(String)
        case number(String)
        case symbol(String)
        case end

        /// What an operator or a name is written as.
        var text: String? {
            switch self {
            case .name(let text), .symbol(let text): text
            case .text, .number, .end: nil
            }
        }

        /// For messages.
        var words: String {
            switch self {
            case .name(let text), .symbol(let text), .number(let text): "`\(text)`"
            case .text(let text): "the text \"\(text)\""
            case .end: "the end"
            }
        }
    }

    let kind: Kind
    /// In bytes from the start.
    let offset: Int

    /// Those of two bytes first: the longest match counts. All that the language has, so that messages can name them.
    private static let symbols = [
        "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", ".", ",", "+", "-", "*", "/", "%", "?",
        ":",
        "{", "}",
    ].map { ($0, Array($0.utf8)) }

    /// The tokens of a text, the last of them ``Kind/end``.
    static func tokens(of text: String) throws(PluginError) -> [ClaimToken] {
        var reader = Reader(bytes: Array(text.utf8))
        var tokens: [ClaimToken] = []
        repeat { tokens.append(try reader.next()) } while tokens.last?.kind != .end
        return tokens
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        mutating func next() throws(PluginError) -> ClaimToken {
            while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
            let start = position
            guard position < bytes.count else { return ClaimToken(kind: .end, offset: start) }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                return ClaimToken(kind: .text(try quoted()), offset: start)
            }
            if Self.isNameStart(byte) {
                let name = taking { Self.isNameStart($0) || Self.isDigit($0) }
                return ClaimToken(kind: .name(name), offset: start)
            }
            let isNegative =
                byte == UInt8(ascii: "-") && start + 1 < bytes.count && Self.isDigit(bytes[start + 1])
            if isNegative || Self.isDigit(byte) { return ClaimToken(kind: .number(try number()), offset: start) }
            for (symbol, spelling) in ClaimToken.symbols where bytes[start...].starts(with: spelling) {
                position += spelling.count
                return ClaimToken(kind: .symbol(symbol), offset: start)
            }
            throw PluginError(.invalid, "the character at byte \(start) is not supported")
        }

        private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        private static func isNameStart(_ byte: UInt8) -> Bool {
            (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
        }

        private mutating func taking(_ condition: (UInt8) -> Bool) -> String {
            let start = position
            while position < bytes.count, condition(bytes[position]) { position += 1 }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }

        private mutating func number() throws(PluginError) -> String {
            let start = position
            position += 1
            let text = String(UnicodeScalar(bytes[start])) + taking { Self.isDigit($0) || $0 == UInt8(ascii: ".") }
            let isFollowedByName = position < bytes.count && Self.isNameStart(bytes[position])
            guard !isFollowedByName, Double(text) != nil, text.last != "." else {
                throw PluginError(.invalid, "expected a decimal number at byte \(start)")
            }
            return text
        }

        private mutating func quoted() throws(PluginError) -> String {
            let (start, quote) = (position, bytes[position])
            position += 1
            var out: [UInt8] = []
            while position < bytes.count, bytes[position] != quote {
                guard bytes[position] == UInt8(ascii: "\\") else {
                    out.append(bytes[position])
                    position += 1
                    continue
                }
                guard position + 1 < bytes.count, let meaning = Self.escapes[bytes[position + 1]] else {
                    throw PluginError(
                        .invalid, "the escape at byte \(position) is not supported; there are \\\\ \\\" \\' \\n \\r \\t"
                    )
                }
                out.append(meaning)
                position += 2
            }
            guard position < bytes.count else {
                throw PluginError(.invalid, "expected the end of the text that begins at byte \(start)")
            }
            position += 1
            return String(decoding: out, as: UTF8.self)
        }

        private static let escapes: [UInt8: UInt8] = [
            UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "\""): UInt8(ascii: "\""),
            UInt8(ascii: "'"): UInt8(ascii: "'"), UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D,
            UInt8(ascii: "t"): 0x09,
        ]
    }
}
