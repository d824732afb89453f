/// Lets one line through in a while, and counts the others. A value without a clock: the time is told.
package struct LogLimit: Sendable, Equatable {
    private let interval: UInt64
    private var nextAt: UInt64 = 0
    private var held = 0

    /// Makes a limit of one line in `interval` milliseconds.
    package init(interval: UInt64) { self.interval = interval }

    /// Notes a line.
    ///
    /// - Returns: How many lines it stands for when it may be written, itself included; `nil` when it is held back.
    package mutating func pass(now: UInt64) -> Int? {
        held += 1
        guard now >= nextAt else { return nil }
        nextAt = now + interval
        defer { held = 0 }
        return held
    }
}
