import Gateway

/// A whole number as its digits, so that `1`, `1.0` and `10e-1` are equal and no digit is lost.
struct WholeNumber: Equatable {
    /// Largest magnitude that may stand in a header: 2^53 - 1 (2026-07-28, Transports).
    static let maximum = 9_007_199_254_740_991

    let value: Int

    /// - Parameter text: A number as JSON has it; `nil` for others, for fractions, and beyond ``maximum``.
    init?(_ text: [UInt8]) {
        let number: JSONSlice
        do throws(JSONScanError) { number = try JSONSlice(validating: text) } catch { return nil }
        guard number.kind == .number, number.range.count == text.count else { return nil }
        let parts = text.split(maxSplits: 1, whereSeparator: { $0 | 0x20 == UInt8(ascii: "e") })
        let isNegative = text.first == UInt8(ascii: "-")
        let mantissa = parts[0].split(separator: UInt8(ascii: "."), maxSplits: 1)
        var digits = Array(mantissa[0].drop { $0 == UInt8(ascii: "-") })
        var exponent = parts.count == 2 ? Int(String(decoding: parts[1], as: UTF8.self)) : 0
        if mantissa.count == 2 {
            digits += mantissa[1]
            exponent = exponent.map { $0.subtractingReportingOverflow(mantissa[1].count).partialValue }
        }
        digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
        guard !digits.isEmpty else {
            value = 0
            return
        }
        guard var shift = exponent else { return nil }
        while shift < 0, digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            shift += 1
        }
        // 2^53 has 16 digits.
        guard shift >= 0, shift <= 16, digits.count + shift <= 16 else { return nil }
        digits += [UInt8](repeating: UInt8(ascii: "0"), count: shift)
        guard let magnitude = Int(String(decoding: digits, as: UTF8.self)), magnitude <= Self.maximum else {
            return nil
        }
        value = isNegative ? -magnitude : magnitude
    }
}
