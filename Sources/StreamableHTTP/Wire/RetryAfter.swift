/// The header `Retry-After` (RFC 9110, section 10.2.3).
package enum RetryAfter {
    /// Milliseconds to wait, 0 when the header says nothing that can be used.
    ///
    /// - Parameters:
    ///   - value: Seconds, or a date.
    ///   - date: The response's `Date`, against which a date is measured: so clocks need not agree.
    package static func milliseconds(_ value: String?, date: String?) -> UInt64 {
        guard let value else { return 0 }
        if let seconds = UInt64(value) { return seconds.multipliedReportingOverflow(by: 1_000).partialValue }
        guard let then = seconds(value), let now = date.flatMap(seconds), then > now else { return 0 }
        return UInt64(then - now) * 1_000
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), (1...31).contains(day),
            let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3]),
            (1_970...9_999).contains(year)
        else { return nil }
        let time = parts[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2]) else {
            return nil
        }
        // Days of the Gregorian calendar, with years that begin in March so that the leap day is the last one.
        let shifted = month < 2 ? year - 1 : year
        let monthFromMarch = (month + 10) % 12
        let days =
            365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + (153 * monthFromMarch + 2) / 5 + day - 719_469
        return ((days * 24 + time[0]) * 60 + time[1]) * 60 + time[2]
    }
}
