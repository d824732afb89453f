/// Durations as Go writes them: `30s`, `1m30s`, `500ms`, `1.5h`.
package enum DurationText {
    /// Nanoseconds a unit has. Both spellings of the micro sign are taken (U+00B5, U+03BC), as Go does.
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("\u{B5}s", 1e3), ("\u{3BC}s", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9),
        ("h", 3600e9),
    ]

    /// The duration, or `nil` when the text is no duration, is negative, or exceeds 290 years (64 bits of nanoseconds).
    package static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            var number = String(digits)
            if rest.first == "." {
                let fraction = rest.dropFirst().prefix { ("0"..."9").contains($0) }
                guard !fraction.isEmpty else { return nil }
                number += "." + fraction
                rest = rest.dropFirst(1 + fraction.count)
            }
            // The longest unit that fits: "ms" is not "m".
            let name = rest.prefix { !("0"..."9").contains($0) }
            guard let unit = units.first(where: { $0.name == name }), let value = Double(number) else { return nil }
            total += value * unit.nanoseconds
            rest = rest.dropFirst(name.count)
        }
        guard total < 9.2e18 else { return nil }
        return .nanoseconds(Int64(total))
    }

    /// A duration in words for messages, in the same notation.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard attoseconds == 0 else { return "\(Double(seconds) + Double(attoseconds) / 1e18)s" }
        return "\(seconds)s"
    }
}
