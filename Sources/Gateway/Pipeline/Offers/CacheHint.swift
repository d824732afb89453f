/// How long a list holds, and for whom (2026-07-28, `CacheableResult`).
package struct CacheHint: Sendable, Equatable {
    /// Milliseconds.
    package var timeToLive: UInt64
    /// Whether it is the same for everybody.
    package var isPublic: Bool
    /// When it ends, in milliseconds on the monotonic clock; `nil` when the backend tells of changes, so that the list is
    /// that of the moment.
    package var end: UInt64?

    package init(timeToLive: UInt64, isPublic: Bool, end: UInt64? = nil) {
        self.timeToLive = timeToLive
        self.isPublic = isPublic
        self.end = end
    }

    /// Of what says nothing: it holds for this answer only.
    package static let none = CacheHint(timeToLive: 0, isPublic: false)

    /// - Parameter result: That of a list method, or of a read.
    init(_ result: JSONSlice?) {
        self.init(
            timeToLive: result?["ttlMs"]?.integer.flatMap { UInt64(exactly: $0) } ?? 0,
            isPublic: result?["cacheScope"]?.string == "public")
    }

    /// Both together hold as long as the shorter, and for everybody only if each does.
    func merged(with other: CacheHint) -> CacheHint {
        CacheHint(
            timeToLive: min(timeToLive, other.timeToLive), isPublic: isPublic && other.isPublic,
            end: [end, other.end].compactMap { $0 }.min())
    }

    /// What is left of ``timeToLive``.
    func remaining(now: UInt64) -> UInt64 {
        guard let end else { return timeToLive }
        return min(timeToLive, end > now ? end - now : 0)
    }
}
