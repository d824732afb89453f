/// Growing pauses between attempts: each twice the one before, up to a ceiling.
package struct BackoffDelay: Sendable, Equatable {
    /// Milliseconds.
    package let first: UInt64
    /// Milliseconds; no pause is longer.
    package let ceiling: UInt64
    private var upcoming: UInt64

    package init(first: UInt64, ceiling: UInt64) {
        self.first = first
        self.ceiling = ceiling
        upcoming = first
    }

    /// The pause before the next attempt, in milliseconds.
    package mutating func next() -> UInt64 {
        defer { upcoming = min(upcoming * 2, ceiling) }
        return upcoming
    }

    package mutating func reset() { upcoming = first }
}
