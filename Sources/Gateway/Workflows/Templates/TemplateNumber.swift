/// A number of JSON or of a template, kept as its digits so that none are lost.
package struct TemplateNumber: Sendable {
    /// As JSON writes it.
    package let text: String

    /// - Parameter text: A JSON number.
    package init(text: String) { self.text = text }

    package init(_ integer: Int) { text = String(integer) }

    /// - Parameter double: Finite.
    package init(_ double: Double) { text = Self.plain(double) }

    package var double: Double { Double(text) ?? .infinity }

    /// The value, when it is whole and fits, however it is written: `2`, `2.0` and `2e0` are one number.
    package var integer: Int? {
        if let integer = Int(text) { return integer }
        guard !isDigits else { return nil }
        return Int(exactly: double)
    }

    /// Whether it has neither fraction nor exponent.
    private var isDigits: Bool { text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) } }

    package var isZero: Bool { double == 0 }

    /// As a template prints it: whole numbers in digits, whatever their length, others as Go's shortest form, and an
    /// exponent only outside of 1e-4 to 2^53.
    package var printed: String { isDigits ? text : Self.plain(double) }

    private static func plain(_ double: Double) -> String {
        if let integer = Int(exactly: double), abs(integer) < 1 << 53 { return String(integer) }
        let text = "\(double)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// -1, 0 or 1, by value.
    func compared(to other: TemplateNumber) -> Int {
        if let left = integer, let right = other.integer { return left < right ? -1 : left == right ? 0 : 1 }
        if isDigits, other.isDigits { return Self.compareDigits(text, other.text) }
        return double < other.double ? -1 : double == other.double ? 0 : 1
    }

    private static func compareDigits(_ left: String, _ right: String) -> Int {
        let (isLeftNegative, isRightNegative) = (left.hasPrefix("-"), right.hasPrefix("-"))
        if isLeftNegative != isRightNegative { return isLeftNegative ? -1 : 1 }
        // Without leading zeros the longer one is the larger one.
        let order = left.utf8.count != right.utf8.count ? left.utf8.count < right.utf8.count : left < right
        return left == right ? 0 : order != isLeftNegative ? -1 : 1
    }
}
