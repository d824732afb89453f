/// Why a test cannot go on.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Looks again until something in another process has come true.
///
/// - Parameters:
///   - what: The claim, for the failure.
///   - limit: A safety net, far above what is expected.
/// - Throws: ``TestFailure`` when it has not come true within `limit`.
func eventually(
    _ what: @autoclosure @Sendable () -> String, within limit: Duration = .seconds(60),
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while true {
        if try await condition() { return }
        guard ContinuousClock.now < end else { throw TestFailure("not within \(limit): \(what())") }
        try await Task.sleep(for: .milliseconds(50))
    }
}
