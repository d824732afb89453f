#if canImport(Glibc)
    import Glibc
#endif

/// The time of day, for templates.
enum WallTime {
    static func now() -> Int { time(nil) }

    /// RFC 3339, in UTC.
    /// - Parameter seconds: Since 1970.
    static func text(_ seconds: Int) -> String {
        var (value, parts) = (time_t(seconds), tm())
        guard gmtime_r(&value, &parts) != nil else { return "" }
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(1900 + parts.tm_year)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
}
