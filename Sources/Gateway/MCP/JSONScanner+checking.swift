// Values that are not known to be well-formed.
extension JSONScanner {
    func fail(_ expected: String) -> JSONScanError { JSONScanError(offset: position, expected: expected) }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    mutating func skipValue(depth: Int) throws(JSONScanError) {
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

    mutating func skipObject(
        depth: Int, _ member: (Range<Int>, Range<Int>) -> Void = { _, _ in }
    ) throws(JSONScanError) {
        position += 1
        skipSpace()
        if take("}") { return }
        while true {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw fail("a member's name") }
            let keyStart = position + 1
            try skipString()
            let key = keyStart..<(position - 1)
            skipSpace()
            guard take(":") else { throw fail("\":\"") }
            skipSpace()
            let start = position
            try skipValue(depth: depth + 1)
            member(key, start..<position)
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
            skipPlain()
            guard position < bytes.count else { break }
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

    /// Moves over bytes of a string that stand for themselves, as far as whole words of them come.
    private mutating func skipPlain() {
        guard let base = bytes.baseAddress else { return }
        let raw = UnsafeRawPointer(base)
        var words = 0
        while position + 8 <= bytes.count {
            let word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self).littleEndian
            let stops = Self.stops(in: word)
            position += stops == 0 ? 8 : stops.trailingZeroBitCount >> 3
            if stops != 0 { return }
            words += 1
            if words == 8 {
                words = 0
                while position + 64 <= bytes.count, Self.isPlain(base + position) { position += 64 }
            }
        }
    }

    /// The highest bits of the bytes of a word that need a look, quotation marks, backslashes, control characters and what
    /// is not ASCII; of the lowest such byte for certain, of those above perhaps wrongly.
    private static func stops(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let control = (word &- ones &* 0x20) & ~word
        return ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | control | word) & (ones &* 0x80)
    }

    /// Whether the next 64 bytes need no look. Without a branch, so that it becomes vector instructions.
    private static func isPlain(_ bytes: UnsafePointer<UInt8>) -> Bool {
        var stops: UInt8 = 0
        for index in 0..<64 {
            let byte = bytes[index]
            stops |= (byte == 0x22 ? 1 : 0) | (byte == 0x5C ? 1 : 0) | (byte &- 0x20 >= 0x60 ? 1 : 0)
        }
        return stops == 0
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
