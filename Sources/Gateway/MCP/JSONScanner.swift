#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

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

    let bytes: UnsafeBufferPointer<UInt8>
    var position: Int
    let limit: Int

    private init(_ bytes: UnsafeBufferPointer<UInt8>, from position: Int = 0, limit: Int = maximumDepth) {
        self.limit = limit
        self.bytes = bytes
        self.position = position
    }

    /// The one value that `text` must consist of, white space aside.
    /// - Parameters:
    ///   - depth: Deepest nesting; deeper texts are refused. At most ``maximumDepth``.
    ///   - member: Called on the way with the ranges of key (without quotation marks) and value of each member, when the
    ///     value is an object; all is void when an error is thrown.
    package static func value(
        _ text: [UInt8], depth: Int = maximumDepth, member: (Range<Int>, Range<Int>) -> Void = { _, _ in }
    ) throws(JSONScanError) -> JSONSlice {
        let outcome = text.withUnsafeBufferPointer { buffer -> Result<Range<Int>, JSONScanError> in
            var scanner = JSONScanner(buffer, limit: min(depth, maximumDepth))
            do throws(JSONScanError) {
                scanner.skipSpace()
                let start = scanner.position
                if start < buffer.count, buffer[start] == UInt8(ascii: "{") {
                    try scanner.skipObject(depth: 0, member)
                } else {
                    try scanner.skipValue(depth: 0)
                }
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

    /// Where the value of a member stands; `nil` when absent or not an object. The last one counts when a key is repeated.
    ///
    /// The slice must come from a scan: nothing is checked again.
    static func member(_ key: String, of slice: JSONSlice) -> Range<Int>? {
        var found: Range<Int>?
        slice.base.withUnsafeBufferPointer { buffer in
            eachMember(of: slice) { range, value in
                if JSONText.equals(UnsafeBufferPointer(rebasing: buffer[range]), key) { found = value }
                return true
            }
        }
        return found
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
        guard let base = bytes.baseAddress else { return }
        let first = position
        while position < bytes.count {
            guard let quote = memchr(base + position, Int32(UInt8(ascii: "\"")), bytes.count - position) else {
                position = bytes.count
                return
            }
            let end = UnsafePointer(quote.assumingMemoryBound(to: UInt8.self)) - base
            position = end + 1
            // An odd number of backslashes before it makes it part of the string.
            var start = end
            while start > first, base[start - 1] == UInt8(ascii: "\\") { start -= 1 }
            if (end - start) & 1 == 0 { return }
        }
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
}
