/// Time as the gateway sees it, so that tests can hold it.
package struct GatewayClock: Sendable {
    /// Milliseconds on the monotonic clock.
    package let now: @Sendable () -> UInt64
    /// Milliseconds since 1970, for what several instances have to agree on.
    package let wall: @Sendable () -> UInt64
    /// Waits for some milliseconds.
    /// - Throws: `CancellationError` when the task is cancelled.
    package let sleep: @Sendable (_ milliseconds: UInt64) async throws -> Void

    package init(
        now: @escaping @Sendable () -> UInt64, wall: @escaping @Sendable () -> UInt64 = WallClock.now,
        sleep: @escaping @Sendable (_ milliseconds: UInt64) async throws -> Void
    ) {
        self.now = now
        self.wall = wall
        self.sleep = sleep
    }

    package static let system = GatewayClock(
        now: MonotonicClock.now, sleep: { try await Task.sleep(for: .milliseconds($0)) })
}
