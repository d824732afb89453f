#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The clock of every deadline: milliseconds of `CLOCK_MONOTONIC`, as in `vmcp_call.deadline_ms`.
package enum MonotonicClock {
    /// Milliseconds since an arbitrary point in the past.
    package static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
