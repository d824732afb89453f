/// Why a text is not JSON.
package struct JSONScanError: Error, Equatable, CustomStringConvertible {
    /// Bytes from the beginning of the text to the first that does not fit.
    package let offset: Int
    /// What was expected there.
    package let expected: String
    package var description: String { "not JSON: expected \(expected) at byte \(offset)" }
}

/// Reads JSON (RFC 8259) without decoding it: checks that a text is well-formed and finds where values stand.
///
/// Nesting is bounded so that a hostile text cannot exhaust the stack; strings must be valid UTF-8.
package struct JSONScanner {
    /// Deepest nesting that can be read at all: every level takes some of the stack.
    package static let maximumDepth = 512
    /// Deepest nesting of messages where nothing else is set. The protocol's own schemas stay under 20.
    package static let usualDepth = 256

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position: Int
    private let limit: Int

    private init(_ bytes: UnsafeBufferPointer<UInt8>, from position: Int = 0, limit: Int = maximumDepth) {
        self.limit = limit
        self.bytes = bytes
        self.position = position
    }

    /// The one value that `text` must consist of, white space aside.
    /// - Parameter depth: Deepest nesting; deeper texts are refused. At most ``maximumDepth``.
    package static func value(_ text: [UInt8], depth: Int = maximumDepth) throws(JSONScanError) -> JSONSlice {
        let outcome = text.withUnsafeBufferPointer { buffer -> Result<Range<Int>, JSONScanError> in
            var scanner = JSONScanner(buffer, limit: min(depth, maximumDepth))
            do throws(JSONScanError) {
                scanner.skipSpace()
                let start = scanner.position
                try scanner.skipValue(depth: 0)
                let end = scanner.position
                scanner.skipSpace()
                guard scanner.position == buffer.count else { throw scanner.fail("the end of the text") }
                return .success(start..<end)
            } catch {
                return .failure(error)
            }
        }
        return JSONSlice(base: text, range: try outcome.get())
    }

    /// Calls `body` with the ranges of key (without quotation marks) and value of each member, until it answers false.
    ///
    /// The slice must come from a scan: nothing is checked again.
    package static func eachMember(of slice: JSONSlice, _ body: (Range<Int>, Range<Int>) -> Bool) {
        guard slice.kind == .object else { return }
        let end = slice.range.upperBound - 1
        slice.base.withUnsafeBufferPointer { buffer in
            var scanner = JSONScanner(buffer, from: slice.range.lowerBound + 1)
            while true {
                scanner.skipSpaceAndCommas()
                guard scanner.position < end else { return }
                let keyStart = scanner.position + 1
                scanner.skipKnownString()
                let key = keyStart..<(scanner.position - 1)
                scanner.skipSpace()
                scanner.position += 1  // the colon
                scanner.skipSpace()
                let start = scanner.position
                scanner.skipKnownValue()
                if !body(key, start..<scanner.position) { return }
            }
        }
    }

    /// Calls `body` with the range of each element.
    package static func eachElement(of slice: JSONSlice, _ body: (Range<Int>) -> Void) {
        guard slice.kind == .array else { return }
        let end = slice.range.upperBound - 1
        slice.base.withUnsafeBufferPointer { buffer in
            var scanner = JSONScanner(buffer, from: slice.range.lowerBound + 1)
            while true {
                scanner.skipSpaceAndCommas()
                guard scanner.position < end else { return }
                let start = scanner.position
                scanner.skipKnownValue()
                body(start..<scanner.position)
            }
        }
    }

    // MARK: - Values known to be well-formed

    private mutating func skipSpaceAndCommas() {
        while position < bytes.count, Self.isSpace(bytes[position]) || bytes[position] == UInt8(ascii: ",") {
            position += 1
        }
    }

    private mutating func skipKnownString() {
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position += 1
    }

    private mutating func skipKnownValue() {
        switch bytes[position] {
        case UInt8(ascii: "\""): skipKnownString()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var depth = 0
            repeat {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    skipKnownString()
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                position += 1
            } while depth > 0 && position < bytes.count
        default:
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09: return
                default: position += 1
                }
            }
        }
    }

    // MARK: - Values to be checked

    private func fail(_ expected: String) -> JSONScanError { JSONScanError(offset: position, expected: expected) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private mutating func skipValue(depth: Int) throws(JSONScanError) {
        guard depth < limit else {
            let field = limit < Self.maximumDepth ? " (operational.limits.jsonDepth)" : ""
            throw fail("at most \(limit) levels of nesting\(field)")
        }
        guard position < bytes.count else { throw fail("a value") }
        switch bytes[position] {
        case UInt8(ascii: "{"): try skipObject(depth: depth)
        case UInt8(ascii: "["): try skipArray(depth: depth)
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "t"): try skipWord("true")
        case UInt8(ascii: "f"): try skipWord("false")
        case UInt8(ascii: "n"): try skipWord("null")
        default: try skipNumber()
        }
    }

    private mutating func skipObject(depth: Int) throws(JSONScanError) {
        position += 1
        skipSpace()
        if take("}") { return }
        while true {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw fail("a member's name") }
            try skipString()
            skipSpace()
            guard take(":") else { throw fail("\":\"") }
            skipSpace()
            try skipValue(depth: depth + 1)
            skipSpace()
            if take("}") { return }
            guard take(",") else { throw fail("\",\" or \"}\"") }
            skipSpace()
        }
    }

    private mutating func skipArray(depth: Int) throws(JSONScanError) {
        position += 1
        skipSpace()
        if take("]") { return }
        while true {
            try skipValue(depth: depth + 1)
            skipSpace()
            if take("]") { return }
            guard take(",") else { throw fail("\",\" or \"]\"") }
            skipSpace()
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipWord(_ word: StaticString) throws(JSONScanError) {
        let count = word.utf8CodeUnitCount
        guard position + count <= bytes.count else { throw fail("\(word)") }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] { throw fail("\(word)") }
        position += count
    }

    private mutating func skipDigits() throws(JSONScanError) {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw fail("a digit") }
    }

    private mutating func skipNumber() throws(JSONScanError) {
        _ = take("-")
        if take("0") {
            // A leading zero stands alone.
        } else {
            guard position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 else { throw fail("a value") }
            try skipDigits()
        }
        if take(".") { try skipDigits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try skipDigits()
        }
    }

    private mutating func skipString() throws(JSONScanError) {
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): try skipEscape()
            case 0..<0x20: throw fail("no control character in a string")
            case 0x20..<0x80: position += 1
            default: try skipUTF8(lead: byte)
            }
        }
        throw fail("the end of a string")
    }

    private mutating func skipEscape() throws(JSONScanError) {
        position += 1
        guard position < bytes.count else { throw fail("an escape") }
        switch bytes[position] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard position < bytes.count, Character(Unicode.Scalar(bytes[position])).isHexDigit else {
                    throw fail("four hexadecimal digits")
                }
                position += 1
            }
        default: throw fail("an escape")
        }
    }

    /// Well-formed UTF-8 as in the Unicode Standard, table 3-7: no overlong forms, no surrogates.
    private mutating func skipUTF8(lead: UInt8) throws(JSONScanError) {
        let second: ClosedRange<UInt8>
        let count: Int
        switch lead {
        case 0xC2...0xDF: (second, count) = (0x80...0xBF, 2)
        case 0xE0: (second, count) = (0xA0...0xBF, 3)
        case 0xE1...0xEC, 0xEE...0xEF: (second, count) = (0x80...0xBF, 3)
        case 0xED: (second, count) = (0x80...0x9F, 3)
        case 0xF0: (second, count) = (0x90...0xBF, 4)
        case 0xF1...0xF3: (second, count) = (0x80...0xBF, 4)
        case 0xF4: (second, count) = (0x80...0x8F, 4)
        default: throw fail("UTF-8")
        }
        guard position + count <= bytes.count, second.contains(bytes[position + 1]) else { throw fail("UTF-8") }
        for index in 2..<max(count, 2) where !(0x80...0xBF).contains(bytes[position + index]) { throw fail("UTF-8") }
        position += count
    }
}
