/// Reads the small texts of a description: types and expressions.
struct Cursor {
    /// What does not fit, and where in the text, counted from 1.
    struct Misfit: Error, Equatable, CustomStringConvertible {
        let expected: String
        let offset: Int
        var description: String { "expected \(expected) at character \(offset)" }
    }

    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { index >= bytes.count }

    mutating func skipSpace() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    }

    func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func take(_ word: String) -> Bool {
        skipSpace()
        guard bytes[index...].starts(with: word.utf8) else { return false }
        index += word.utf8.count
        return true
    }

    mutating func name() -> String? {
        skipSpace()
        guard let first = peek(), Name.isStart(first) else { return nil }
        let start = index
        while let byte = peek(), Name.isPart(byte) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// Decimal, or hexadecimal after `0x`; not signed.
    mutating func integer() throws(Misfit) -> Int64? {
        skipSpace()
        guard let first = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        let start = index
        while let byte = peek(), Name.isPart(byte) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        let value = text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) : Int64(text)
        guard let value else { throw Misfit(expected: "a whole number of at most 63 bits", offset: start + 1) }
        return value
    }

    mutating func end() throws(Misfit) {
        skipSpace()
        if !isAtEnd { throw misfit("the end") }
    }

    func misfit(_ expected: String) -> Misfit { Misfit(expected: expected, offset: index + 1) }
}
