/// Where the body of a response over HTTP/1.1 ends (RFC 9112, section 6.3). A value without I/O.
///
/// libcurl does this for ordinary exchanges; on a connection that is asked to be upgraded only bytes come.
struct ResponseFraming {
    private enum Rule: Equatable {
        /// So many bytes.
        case length(UInt64)
        /// Chunks; what of the present one is still to come.
        case chunked(Chunk)
        /// Until the connection closes.
        case close
    }

    private enum Chunk: Equatable {
        /// Its size line, as far as it came.
        case size([UInt8])
        /// So many bytes of data.
        case data(UInt64)
        /// The line end after the data: so many bytes.
        case lineEnd(Int)
        /// Lines after the last chunk; the length of the present one.
        case trailer(Int)
    }

    /// The other side does not keep to the rules.
    struct Violation: Error {}

    private var rule: Rule
    /// The body is complete.
    private(set) var isComplete = false
    /// Whether the end of the connection is the end of the body.
    var endsWithConnection: Bool { rule == .close }

    /// - Throws: ``Violation`` for a length that is none.
    init(_ head: ResponseHead, method: String) throws(Violation) {
        if head.status == 101 {
            rule = .close
        } else if method == "HEAD" || head.status == 204 || head.status == 304 {
            rule = .length(0)
        } else if head["transfer-encoding"]?.lowercased().hasSuffix("chunked") == true {
            rule = .chunked(.size([]))
        } else if let text = head["content-length"] {
            guard let length = UInt64(text), text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                throw Violation()
            }
            rule = .length(length)
        } else {
            rule = .close
        }
        isComplete = rule == .length(0)
    }

    /// Takes the front of what came.
    ///
    /// - Returns: How many bytes were used, and which of them are body. Called again while something is left.
    mutating func take(_ data: UnsafeRawBufferPointer) throws(Violation) -> (used: Int, body: Range<Int>) {
        switch rule {
        case .close:
            return (data.count, 0..<data.count)
        case .length(let left):
            let count = Int(min(left, UInt64(data.count)))
            rule = .length(left - UInt64(count))
            isComplete = left == UInt64(count)
            return (count, 0..<count)
        case .chunked(let chunk):
            return try take(data, of: chunk)
        }
    }

    private mutating func take(
        _ data: UnsafeRawBufferPointer, of chunk: Chunk
    ) throws(Violation) -> (used: Int, body: Range<Int>) {
        switch chunk {
        case .data(let left):
            let count = Int(min(left, UInt64(data.count)))
            rule = .chunked(left == UInt64(count) ? .lineEnd(2) : .data(left - UInt64(count)))
            return (count, 0..<count)
        case .lineEnd(let left):
            let count = min(left, data.count)
            rule = .chunked(left == count ? .size([]) : .lineEnd(left - count))
            return (count, 0..<0)
        case .size(var line):
            let end = data.firstIndex(of: 0x0A)
            line += data[..<(end ?? data.count)]
            guard line.count <= 4_096 else { throw Violation() }
            guard let end else {
                rule = .chunked(.size(line))
                return (data.count, 0..<0)
            }
            let digits = line.prefix { $0 != 0x3B && $0 != 0x0D && $0 != 0x20 }
            guard !digits.isEmpty, let size = UInt64(String(decoding: digits, as: UTF8.self), radix: 16) else {
                throw Violation()
            }
            rule = .chunked(size == 0 ? .trailer(0) : .data(size))
            return (end + 1, 0..<0)
        case .trailer(let length):
            guard let end = data.firstIndex(of: 0x0A) else {
                rule = .chunked(.trailer(length + data.count))
                return (data.count, 0..<0)
            }
            let isEmpty = length + end == 0 || (length + end == 1 && (end == 0 || data[end - 1] == 0x0D))
            isComplete = isEmpty
            rule = .chunked(.trailer(0))
            return (end + 1, 0..<0)
        }
    }
}
