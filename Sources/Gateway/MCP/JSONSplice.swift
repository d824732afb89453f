/// Changes a few places of a message and leaves all other bytes as they came.
package struct JSONSplice: Sendable {
    /// In the order of their places. What is put in front of a value comes before what happens to the value.
    private var edits: [(range: Range<Int>, bytes: [UInt8])] = []

    package init() {}

    package var isEmpty: Bool { edits.isEmpty }

    /// Puts `bytes` in the place of the value that stands at `range` of the message.
    package mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) {
        var place = edits.count
        while place > 0, (range.lowerBound, range.upperBound) < Self.ends(of: edits[place - 1].range) { place -= 1 }
        edits.insert((range, bytes), at: place)
    }

    private static func ends(of range: Range<Int>) -> (Int, Int) { (range.lowerBound, range.upperBound) }

    /// What will stand in the place of a value: the bytes it is replaced by, or its own.
    package func result(for value: JSONSlice) -> [UInt8] {
        edits.last { $0.range == value.range }?.bytes ?? value.array
    }

    /// The bytes of `slice` with the edits made. Edits must lie inside it and must not overlap; their order is free.
    package func apply(to slice: JSONSlice) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(slice.range.count + edits.reduce(0) { $0 + $1.bytes.count - $1.range.count })
        var position = slice.range.lowerBound
        for edit in edits {
            out.append(contentsOf: slice.base[position..<edit.range.lowerBound])
            out.append(contentsOf: edit.bytes)
            position = edit.range.upperBound
        }
        out.append(contentsOf: slice.base[position..<slice.range.upperBound])
        return out
    }
}

extension JSONSplice {
    /// The message on one line: line breaks of JSON text stand only between tokens, where a space means the same.
    package static func singleLine(_ message: [UInt8]) -> [UInt8] {
        // Without a branch for each byte, so that it becomes vector instructions.
        var lowest = UInt8.max
        for byte in message { lowest = min(lowest, byte) }
        guard lowest < 0x20 else { return message }
        return message.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    }
}
