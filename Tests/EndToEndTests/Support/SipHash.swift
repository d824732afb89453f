/// SipHash-2-4 (Aumasson and Bernstein, 2012), to check signatures of a plugin by other code than its own.
enum SipHash {
    /// The hash in 16 hexadecimal digits.
    ///
    /// - Parameter key: 16 bytes of UTF-8.
    static func hex(_ text: String, key: String) -> String {
        let (key, message) = (Array(key.utf8), Array(text.utf8))
        func word(_ bytes: some Collection<UInt8>) -> UInt64 {
            bytes.enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
        }
        let (first, second) = (word(key[..<8]), word(key[8...]))
        var state = (
            0x736f_6d65_7073_6575 ^ first, 0x646f_7261_6e64_6f6d ^ second, 0x6c79_6765_6e65_7261 ^ first,
            0x7465_6462_7974_6573 ^ second
        )
        func turned(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }
        func rounds(_ count: Int) {
            for _ in 0..<count {
                state.0 &+= state.1
                state.2 &+= state.3
                state.1 = turned(state.1, 13) ^ state.0
                state.3 = turned(state.3, 16) ^ state.2
                state.0 = turned(state.0, 32)
                state.2 &+= state.1
                state.0 &+= state.3
                state.1 = turned(state.1, 17) ^ state.2
                state.3 = turned(state.3, 21) ^ state.0
                state.2 = turned(state.2, 32)
            }
        }
        func absorb(_ word: UInt64) {
            state.3 ^= word
            rounds(2)
            state.0 ^= word
        }
        let whole = message.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) { absorb(word(message[start..<(start + 8)])) }
        absorb(word(message[whole...]) | UInt64(message.count & 0xFF) << 56)
        state.2 ^= 0xFF
        rounds(4)
        let digits = String(state.0 ^ state.1 ^ state.2 ^ state.3, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
