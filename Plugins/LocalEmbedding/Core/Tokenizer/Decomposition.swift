/// Canonical decomposition (Unicode Standard Annex #15) as far as uncased text needs it: without nonspacing marks.
///
/// The standard library normalises strings inside, and offers it to nobody; Foundation would bring 40 MB with it.
enum Decomposition {
    private static let table: [UInt32: [Unicode.Scalar]] = {
        var table: [UInt32: [Unicode.Scalar]] = [:]
        for line in Decompositions.runs.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, var code = UInt32(parts[0], radix: 16) else { continue }
            for scalar in parts[1].unicodeScalars {
                if scalar != "." { table[code] = [scalar] }
                code += 1
            }
        }
        for line in Decompositions.pairs.split(separator: "\n") {
            let codes = line.split(separator: " ").compactMap { UInt32($0, radix: 16) }
            table[codes[0]] = codes.dropFirst().compactMap { Unicode.Scalar($0) }
        }
        return table
    }()

    /// Calls `body` with what a scalar becomes, or with the scalar itself.
    static func each(of scalar: Unicode.Scalar, _ body: (Unicode.Scalar) -> Void) {
        if (0xAC00...0xD7A3).contains(scalar.value) {
            hangul(scalar.value - 0xAC00, body)
        } else if let parts = table[scalar.value] {
            for part in parts { body(part) }
        } else {
            body(scalar)
        }
    }

    /// Syllables are counted through: 19 initial consonants, 21 vowels, 28 final consonants of which the first is none.
    private static func hangul(_ syllable: UInt32, _ body: (Unicode.Scalar) -> Void) {
        let parts = [0x1100 + syllable / 588, 0x1161 + syllable % 588 / 28, 0x11A7 + syllable % 28]
        for part in parts where part != 0x11A7 { Unicode.Scalar(part).map(body) }
    }
}
