import Gateway

/// Waits for what another thread does without telling; fails by exception after a generous minute.
func until(_ condition: () -> Bool) async throws {
    struct NeverCame: Error {}
    let deadline = MonotonicClock.now() + 60_000
    while !condition() {
        if MonotonicClock.now() > deadline { throw NeverCame() }
        await Task.yield()
    }
}
