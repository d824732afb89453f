/// A moment in the Gregorian calendar, UTC.
struct CivilTime {
    let year, month, day, hour, minute, second: Int
    /// 0 = Sunday.
    let weekday: Int

    /// - Parameter seconds: Since 1970-01-01T00:00:00Z.
    init(unix seconds: Int) {
        let days = Int((Double(seconds) / 86400).rounded(.down))
        let rest = seconds - days * 86400
        (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
        weekday = ((days % 7) + 11) % 7
        // Days are counted from 0000-03-01, so that the leap day is the last of its year; an era is 400 years.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// As in the `Date` field, e.g. `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    var httpDate: String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let date = "\(days[weekday]), \(Self.padded(day)) \(months[month - 1]) \(Self.padded(year, 4))"
        return "\(date) \(Self.padded(hour)):\(Self.padded(minute)):\(Self.padded(second)) GMT"
    }

    /// As in RFC 3339, with the fraction given in nanoseconds, without zeros at its end.
    func rfc3339(nanoseconds: Int) -> String {
        var fraction = ""
        if nanoseconds > 0 {
            fraction = "." + Self.padded(nanoseconds, 9)
            while fraction.last == "0" { fraction.removeLast() }
        }
        let date = "\(Self.padded(year, 4))-\(Self.padded(month))-\(Self.padded(day))"
        return "\(date)T\(Self.padded(hour)):\(Self.padded(minute)):\(Self.padded(second))\(fraction)Z"
    }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
