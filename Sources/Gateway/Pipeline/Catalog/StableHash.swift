/// Hashes that are the same in every run and on every machine, unlike Swift's own. Not for secrets: collisions can be
/// made.
package enum StableHash {
    /// FNV-1a, 64 bits (draft-eastlake-fnv). For short texts.
    package static func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// For long ones.
    package static func of(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var stream = Stream()
        stream.add(Array(bytes))
        return stream.value
    }

    /// A hash of much text, eight bytes a step.
    struct Stream {
        private var state: UInt64 = 0xCBF2_9CE4_8422_2325
        private var count: UInt64 = 0

        mutating func add(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { buffer in
                let words = buffer.count / 8
                for index in 0..<words {
                    mix(UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)))
                }
                for byte in buffer[(words * 8)...] { mix(UInt64(byte)) }
            }
            // The length tells "ab" + "c" from "a" + "bc".
            mix(UInt64(bytes.count))
            count += 1
        }

        mutating func add(_ word: UInt64) { mix(word) }

        private mutating func mix(_ word: UInt64) {
            state = (state ^ word) &* 0x9E37_79B9_7F4A_7C15
            // A product's low bits depend on low bits alone; folding lets the high ones reach them.
            state ^= state >> 32
        }

        var value: UInt64 {
            var final = self
            final.mix(count)
            final.mix(0)
            return final.state
        }
    }
}
