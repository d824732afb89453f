/// Cuts bytes into lines, without their ends. A value without I/O.
package struct LineBuffer: Sendable {
    private let limit: Int
    private var line: [UInt8] = []
    private var isTooLong = false
    /// Lines that were longer than the limit and are lost.
    package private(set) var dropped = 0

    /// - Parameter limit: Longest line in bytes; `nil`: 16 MiB.
    package init(limit: Int? = nil) { self.limit = limit ?? 16_777_216 }

    /// Takes bytes, and returns the lines that ended in them.
    package mutating func take(_ data: UnsafeRawBufferPointer) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = data[...]
        while let end = rest.firstIndex(of: 0x0A) {
            append(rest[..<end])
            if let line = finish() { lines.append(line) }
            rest = rest[(end + 1)...]
        }
        append(rest)
        return lines
    }

    /// The last line, when it has no end.
    package mutating func last() -> [UInt8]? { line.isEmpty && !isTooLong ? nil : finish() }

    private mutating func append(_ data: Slice<UnsafeRawBufferPointer>) {
        if isTooLong { return }
        guard line.count + data.count <= limit else {
            isTooLong = true
            line = []
            return
        }
        line += data
    }

    private mutating func finish() -> [UInt8]? {
        defer {
            line = []
            isTooLong = false
        }
        guard isTooLong else { return line }
        dropped += 1
        return nil
    }
}
