/// The pieces of words that a model knows, each with its number: the line it stands in.
///
/// Pieces are compared as bytes: two of them may be equal to Unicode and still be two. Kept as one block of text with an
/// open-addressed index, about 900 KB for 30,522 pieces.
package struct Vocabulary: Sendable {
    private let text: [UInt8]
    /// Where each piece ends; it begins after the line end before.
    private let ends: [Int32]
    /// Numbers of pieces by hash, -1 for none; a power of two, at most half full.
    private let slots: [Int32]

    /// How many pieces there are.
    package var count: Int { ends.count }

    /// Reads a `vocab.txt`: a piece a line.
    package init(text: [UInt8]) {
        var ends: [Int32] = []
        for (index, byte) in text.enumerated() where byte == 0x0A { ends.append(Int32(index)) }
        if let last = text.last, last != 0x0A { ends.append(Int32(text.count)) }
        var size = 1024
        while size < ends.count * 2 { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        var start = 0
        for (number, end) in ends.enumerated() {
            var hash = Self.seed
            for index in start..<Int(end) { Self.mix(&hash, text[index]) }
            var slot = Self.slot(hash, size)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(number)
            start = Int(end) + 1
        }
        self.text = text
        self.ends = ends
        self.slots = slots
    }

    /// The number of a piece, such as `[CLS]`.
    package func number(of piece: String) -> Int32? {
        let bytes = Array(piece.utf8)
        return number(of: bytes[...], goesOn: false)
    }

    /// The number of a piece; with `goesOn` that of the piece with `##` in front.
    func number(of bytes: ArraySlice<UInt8>, goesOn: Bool) -> Int32? {
        var hash = Self.seed
        if goesOn {
            Self.mix(&hash, UInt8(ascii: "#"))
            Self.mix(&hash, UInt8(ascii: "#"))
        }
        for byte in bytes { Self.mix(&hash, byte) }
        var slot = Self.slot(hash, slots.count)
        while slots[slot] >= 0 {
            if isEqual(Int(slots[slot]), bytes, goesOn) { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func isEqual(_ number: Int, _ bytes: ArraySlice<UInt8>, _ goesOn: Bool) -> Bool {
        var start = number == 0 ? 0 : Int(ends[number - 1]) + 1
        let end = Int(ends[number])
        if goesOn {
            guard end - start == bytes.count + 2, text[start] == UInt8(ascii: "#"), text[start + 1] == UInt8(ascii: "#")
            else { return false }
            start += 2
        }
        guard end - start == bytes.count else { return false }
        for (offset, byte) in bytes.enumerated() where text[start + offset] != byte { return false }
        return true
    }

    // FNV-1a, 64 bits: the vocabulary is not an enemy's.
    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    private static func mix(_ hash: inout UInt64, _ byte: UInt8) {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }

    private static func slot(_ hash: UInt64, _ size: Int) -> Int { Int((hash ^ (hash >> 32)) & UInt64(size - 1)) }
}
