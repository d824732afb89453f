import Glibc

/// A point on `CLOCK_MONOTONIC`, the clock of every deadline in the plugin ABI.
package struct MonotonicInstant: Sendable, Comparable {
    /// Since an arbitrary point in the past.
    package let nanoseconds: UInt64

    package static var now: MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// As in `vmcp_call.deadline_ms`.
    package var milliseconds: UInt64 { nanoseconds / 1_000_000 }

    /// This instant and as many milliseconds; the end of time when that is later.
    package func advanced(byMilliseconds delay: UInt64) -> MonotonicInstant {
        let (step, tooLong) = delay.multipliedReportingOverflow(by: 1_000_000)
        let (sum, tooLate) = nanoseconds.addingReportingOverflow(step)
        return MonotonicInstant(nanoseconds: tooLong || tooLate ? .max : sum)
    }

    package static func < (one: MonotonicInstant, other: MonotonicInstant) -> Bool {
        one.nanoseconds < other.nanoseconds
    }
}
