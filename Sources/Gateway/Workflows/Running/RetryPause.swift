/// The pauses between attempts: each half as long again as the one before, up to 60 times the first, give or take half, so that
/// those who failed together do not come back together.
struct RetryPause: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// Milliseconds before the attempt after `attempt`, which counts from 1.
    mutating func next(attempt: Int, delay: UInt64) -> UInt64 {
        var pause = Double(delay)
        for _ in 1..<max(attempt, 1) { pause *= 1.5 }
        pause = min(pause, Double(delay) * 60)
        return UInt64(pause * (0.5 + fraction()))
    }

    /// From 0 to 1 (SplitMix64).
    private mutating func fraction() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((bits ^ (bits >> 31)) >> 11) / Double(1 << 53)
    }
}
