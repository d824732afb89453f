/// How a backend's health is judged (`operational.failureHandling`). Times in milliseconds.
package struct HealthSettings: Sendable, Equatable {
    /// When a backend is not called any more (`circuitBreaker`).
    package struct Breaker: Sendable, Equatable {
        /// Failures in a row that open the circuit, 1 or more. Default 5.
        package var failureThreshold: Int
        /// How long it stays open before one trial. Default 60,000.
        package var timeout: UInt64

        package init(failureThreshold: Int = 5, timeout: UInt64 = 60_000) {
            self.failureThreshold = failureThreshold
            self.timeout = timeout
        }
    }

    /// Between two probes of a backend that was not heard of meanwhile. Default 30,000.
    package var interval: UInt64 = 30_000
    /// Longest wait for the answer of a probe. Default 10,000.
    package var timeout: UInt64 = 10_000
    /// Failures in a row that make a backend unhealthy, 1 or more. Default 3.
    package var unhealthyThreshold = 3
    /// `nil` = no breaker, the default.
    package var breaker: Breaker?
    /// Whether backends are probed while all is well; one that gives reason for doubt always is. Default true.
    package var probesRegularly = true

    /// A probe that takes longer makes a backend degraded; the number is ToolHive's.
    package static let slow: UInt64 = 5_000
    /// Between two probes of a backend whose health is in doubt, at first.
    package static let soon: UInt64 = 1_000
    /// Longest wait that a backend can ask for with `Retry-After`.
    package static let longestRetryAfter: UInt64 = 300_000

    package init() {}
}
