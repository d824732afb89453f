/// An amount of CPU or memory as Kubernetes writes it: `500m`, `2`, `512Mi`, `1e9`.
///
/// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
package struct Quantity: Sendable, Equatable {
    /// In thousandths of the unit, which is a core or a byte.
    package let thousandths: Double

    /// - Returns: nil for a text that is no quantity, is negative, or is none at all.
    package init?(_ text: String) {
        let suffixes: [(String, Double)] = [
            ("Ki", 0x1p10), ("Mi", 0x1p20), ("Gi", 0x1p30), ("Ti", 0x1p40), ("Pi", 0x1p50), ("Ei", 0x1p60), ("m", 1e-3),
            ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18), ("", 1),
        ]
        for (suffix, factor) in suffixes where text.hasSuffix(suffix) {
            let digits = text.dropLast(suffix.count)
            // Decimal only: Double reads hexadecimal numbers too.
            guard let first = digits.utf8.first, (0x30...0x39).contains(first), !digits.contains("x"),
                let value = Double(digits), value.isFinite
            else { continue }
            thousandths = value * factor * 1_000
            return
        }
        return nil
    }

    /// Bytes of memory, at most the largest whole number.
    package var bytes: Int { Int(min(thousandths / 1_000, 0x1p62)) }
    /// Billionths of a core, as engines count.
    package var billionths: Int { Int(min(thousandths * 1e6, 0x1p62)) }
}
