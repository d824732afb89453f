/// When a server that died may be started again. A value without a clock: the time is told.
package struct RestartPolicy: Sendable, Equatable {
    /// Milliseconds before the first restart; doubled with each further death.
    package static let firstDelay: UInt64 = 500
    /// The longest delay in milliseconds.
    package static let ceiling: UInt64 = 30_000
    /// A life of so many milliseconds makes up for the deaths before it.
    package static let soundLife: UInt64 = 60_000

    /// Deaths in a row, each after a short life.
    package private(set) var deaths = 0
    private var readyAt: UInt64 = 0

    /// Makes a policy for a server that never died.
    package init() {}

    /// Notes a death; times are milliseconds of one clock.
    package mutating func died(startedAt: UInt64, now: UInt64) {
        if now >= startedAt, now - startedAt >= Self.soundLife { deaths = 0 }
        deaths += 1
        // 500 ms shifted by six is beyond the ceiling.
        readyAt = now + min(Self.ceiling, Self.firstDelay << UInt64(min(deaths - 1, 6)))
    }

    /// Milliseconds until a start is allowed, 0 when it is.
    package func delay(now: UInt64) -> UInt64 { readyAt > now ? readyAt - now : 0 }
}
