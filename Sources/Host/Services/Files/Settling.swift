/// When a burst of changes is over: after a silence, or after some time whatever happens.
///
/// Editors and volume mounts change a file in several steps; whoever reads in between finds half of it.
struct Settling {
    /// The silence that ends a burst.
    let quiet: UInt64
    /// The longest burst, in the same unit.
    let longest: UInt64
    private var begin: UInt64?

    init(quiet: UInt64, longest: UInt64) { (self.quiet, self.longest) = (quiet, longest) }

    /// A change at `now`.
    /// - Returns: When the burst is over if nothing else happens.
    mutating func changed(now: UInt64) -> UInt64 {
        let first = begin ?? now
        begin = first
        return min(now + quiet, max(first + longest, now))
    }

    /// The burst is over.
    mutating func settled() { begin = nil }
}
