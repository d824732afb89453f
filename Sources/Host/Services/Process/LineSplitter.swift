import Glibc

/// Cuts a stream of bytes into lines, and keeps what is not a whole line yet.
///
/// Lines end with LF; a CR before it belongs to the end. Lines that are too long are dropped.
struct LineSplitter {
    /// Of a line without its end.
    let maxLineBytes: Int
    /// How many lines were dropped.
    private(set) var dropped = 0
    /// The beginning of a line whose end has not come.
    private var partial: [UInt8] = []
    private var isSkipping = false

    init(maxLineBytes: Int) { self.maxLineBytes = maxLineBytes }

    /// Hands out lines until the data is used up or `deliver` does not want more.
    ///
    /// - Returns: How many bytes were used; the rest is for the next call.
    mutating func feed(_ data: UnsafeRawBufferPointer, _ deliver: (UnsafeRawBufferPointer) -> Bool) -> Int {
        var used = 0
        while used < data.count {
            let rest = UnsafeRawBufferPointer(rebasing: data[used...])
            guard let start = rest.baseAddress, let found = memchr(start, 0x0A, rest.count) else {
                keep(rest)
                return data.count
            }
            let length = UnsafeRawPointer(found) - start
            used += length + 1
            if !finish(UnsafeRawBufferPointer(rebasing: rest[..<length]), deliver) { break }
        }
        return used
    }

    /// The stream is over: hands out what has no line end.
    mutating func finish(_ deliver: (UnsafeRawBufferPointer) -> Bool) {
        if !partial.isEmpty || isSkipping { _ = finish(UnsafeRawBufferPointer(start: nil, count: 0), deliver) }
    }

    private mutating func keep(_ beginning: UnsafeRawBufferPointer) {
        if isSkipping { return }
        // One byte more may be a CR that does not count.
        if partial.count + beginning.count > maxLineBytes + 1 {
            isSkipping = true
            partial = []
        } else {
            partial += beginning
        }
    }

    private mutating func finish(_ end: UnsafeRawBufferPointer, _ deliver: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        if !isSkipping, partial.isEmpty { return hand(end, deliver) }
        keep(end)
        let line = partial
        let isTooLong = isSkipping
        partial = []
        isSkipping = false
        if isTooLong {
            dropped += 1
            return true
        }
        return line.withUnsafeBytes { hand($0, deliver) }
    }

    private mutating func hand(_ line: UnsafeRawBufferPointer, _ deliver: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        let line = line.last == 0x0D ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
        guard line.count <= maxLineBytes else {
            dropped += 1
            return true
        }
        return deliver(line)
    }
}
