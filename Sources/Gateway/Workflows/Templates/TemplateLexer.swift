/// Splits a template into text and actions, and actions into tokens (Go, `text/template`, "Text and spaces" and "Actions").
struct TemplateLexer {
    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func stretches(of bytes: [UInt8]) throws(TemplateFault) -> [TemplateStretch] {
        var lexer = TemplateLexer(bytes)
        var found: [TemplateStretch] = []
        var trims = false
        while lexer.position < bytes.count {
            let start = lexer.position
            let open = lexer.find("{{", from: start)
            let end = open ?? bytes.count
            var text = bytes[start..<end]
            if trims { text = text.drop(while: isSpace) }
            guard let open else {
                if !text.isEmpty { found.append(.text(String(decoding: text, as: UTF8.self))) }
                break
            }
            lexer.position = open + 2
            if lexer.has("-"), lexer.position + 1 < bytes.count, isSpace(bytes[lexer.position + 1]) {
                lexer.position += 1
                while let last = text.last, isSpace(last) { text = text.dropLast() }
            }
            if !text.isEmpty { found.append(.text(String(decoding: text, as: UTF8.self))) }
            trims = try lexer.readAction(from: open, into: &found)
        }
        return found
    }

    /// - Returns: Whether the text that follows is trimmed.
    private mutating func readAction(from open: Int, into found: inout [TemplateStretch]) throws(TemplateFault) -> Bool
    {
        let content = position
        skipSpace()
        if has("/*") {
            guard let end = find("*/", from: position + 2) else {
                throw TemplateFault("expected `*/` at the end of the comment, found none", at: position)
            }
            position = end + 2
            guard let trims = takeEnd() else {
                throw TemplateFault("expected `}}` right after the comment, found something else", at: position)
            }
            return trims
        }
        position = content
        var tokens: [TemplateToken] = []
        while true {
            let before = position
            skipSpace()
            if position >= bytes.count {
                throw TemplateFault("expected `}}` after `{{`, found the end; close the action", at: open)
            }
            // The trim marker needs the space before it.
            if has("-}}"), position > before {
                position += 3
                found.append(.action(tokens, offset: open))
                return true
            }
            if has("}}") {
                position += 2
                found.append(.action(tokens, offset: open))
                return false
            }
            let isApart = position > before || tokens.isEmpty
            tokens.append(TemplateToken(kind: try token(in: open), offset: tokenStart, isApart: isApart))
        }
    }

    /// Where the token read last begins.
    private var tokenStart = 0

    private mutating func token(in open: Int) throws(TemplateFault) -> TemplateToken.Kind {
        tokenStart = position
        switch bytes[position] {
        case UInt8(ascii: "|"): return take(1, .pipe)
        case UInt8(ascii: ","): return take(1, .comma)
        case UInt8(ascii: "("): return take(1, .open)
        case UInt8(ascii: ")"): return take(1, .close)
        case UInt8(ascii: "="): return take(1, .assign)
        case UInt8(ascii: ":") where has(":="): return take(2, .declare)
        case UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "'"):
            let literal = try GoLiteral.quoted(bytes, at: position)
            position = literal.end
            return literal.kind
        case UInt8(ascii: "$"):
            position += 1
            return .variable(word())
        case UInt8(ascii: "."):
            if position + 1 < bytes.count, Self.isDigit(bytes[position + 1]) { return try number() }
            position += 1
            let name = word()
            return name.isEmpty ? .dot : .field(name)
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default:
            let name = word()
            if !name.isEmpty { return .word(name) }
            if bytes[position] == UInt8(ascii: "{") || bytes[position] == UInt8(ascii: "}") {
                throw TemplateFault(
                    "expected `}}` after `{{`, found another brace; close the action, or put the brace in quotes",
                    at: position)
            }
            throw TemplateFault("expected a value or a function, found `\(character)`", at: position)
        }
    }

    private mutating func number() throws(TemplateFault) -> TemplateToken.Kind {
        let start = position
        if has("+") || has("-") { position += 1 }
        while position < bytes.count {
            let byte = bytes[position]
            let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            let follows = bytes[position - 1 < 0 ? 0 : position - 1] | 0x20
            guard
                Self.isWord(byte) || byte == UInt8(ascii: ".")
                    || isSign && (follows == UInt8(ascii: "e") || follows == UInt8(ascii: "p"))
            else { break }
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let number = GoLiteral.number(text) else {
            throw TemplateFault("expected a number, found `\(text)`", at: start)
        }
        return .number(number)
    }

    // MARK: - Bytes

    private mutating func take(_ count: Int, _ kind: TemplateToken.Kind) -> TemplateToken.Kind {
        position += count
        return kind
    }

    private mutating func word() -> String {
        let start = position
        while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    /// The end of an action after a comment; `nil` when it is not here.
    private mutating func takeEnd() -> Bool? {
        if has("}}") {
            position += 2
            return false
        }
        guard position < bytes.count, Self.isSpace(bytes[position]) else { return nil }
        skipSpace()
        guard has("-}}") else { return nil }
        position += 3
        return true
    }

    private var character: Character {
        String(decoding: bytes[position..<min(position + 16, bytes.count)], as: UTF8.self).first ?? " "
    }

    private func has(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        return (0..<count).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
    }

    private func find(_ text: StaticString, from start: Int) -> Int? {
        let (first, second) = (text.utf8Start[0], text.utf8Start[1])
        guard start + 1 < bytes.count else { return nil }
        return (start..<bytes.count - 1).first { bytes[$0] == first && bytes[$0 + 1] == second }
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    /// Letters of any script: bytes of UTF-8 beyond ASCII count as letters.
    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte >= 0x80
    }
}
