/// Where the buckets of histograms of durations end, as those of ToolHive.
package enum DurationBounds {
    package static let milliseconds: [UInt64] = [
        10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000,
    ]

    /// The bucket of a duration.
    package static func index(of duration: UInt64) -> Int {
        milliseconds.firstIndex { duration <= $0 } ?? milliseconds.count
    }
}
