/// How many lines of a server go to the log: some in each second, and how many were left out. A value without a clock: the
/// time is told.
package struct LineAllowance: Sendable, Equatable {
    /// Lines of one second.
    package static let most = 200
    /// Milliseconds that they are counted in.
    private static let window: UInt64 = 1_000

    private var beginsAt: UInt64 = 0
    private var count = 0

    package init() {}

    /// Notes a line.
    ///
    /// - Returns: Whether it may be written, and how many were left out before it since the last one that was.
    package mutating func pass(now: UInt64) -> (isWritten: Bool, leftOut: Int) {
        var leftOut = 0
        if now >= beginsAt + Self.window {
            leftOut = max(0, count - Self.most)
            (beginsAt, count) = (now, 0)
        }
        count += 1
        return (count <= Self.most, leftOut)
    }
}
