package import PluginKit

/// Turns text into the numbers that BERT's uncased models read.
package struct WordPieceTokenizer: Sendable {
    /// A longer word is unknown as a whole.
    private static let longestWord = 100

    private let vocabulary: Vocabulary
    private let start: Int32
    private let end: Int32
    private let unknown: Int32
    /// Names that stand for a piece wherever they are written, with their numbers.
    private let special: [(name: String, number: Int32)]

    /// - Throws: ``PluginError`` when the vocabulary lacks one of the pieces that every text needs.
    package init(_ vocabulary: Vocabulary) throws(PluginError) {
        var special: [(String, Int32)] = []
        for name in ["[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]"] {
            guard let number = vocabulary.number(of: name) else {
                throw PluginError(
                    .invalid, "the vocabulary of \(vocabulary.count) pieces lacks \(name); is it that of another model?"
                )
            }
            special.append((name, number))
        }
        self.vocabulary = vocabulary
        self.special = special
        (start, end, unknown) = (special[0].1, special[1].1, special[2].1)
    }

    /// The numbers of a text between those of `[CLS]` and `[SEP]`.
    ///
    /// - Parameter limit: Most numbers, those two included; at least 2. What is beyond is cut off.
    package func numbers(of text: String, limit: Int) -> [Int32] {
        var numbers = [start]
        var rest = text[...]
        while numbers.count < limit - 1 {
            guard let (range, number) = firstSpecial(in: rest) else {
                append(rest, to: &numbers, limit: limit - 1)
                break
            }
            append(rest[..<range.lowerBound], to: &numbers, limit: limit - 1)
            if numbers.count < limit - 1 { numbers.append(number) }
            rest = rest[range.upperBound...]
        }
        numbers.append(end)
        return numbers
    }

    private func firstSpecial(in text: Substring) -> (Range<Substring.Index>, Int32)? {
        var from = text.utf8.startIndex
        while let bracket = text.utf8[from...].firstIndex(of: UInt8(ascii: "[")) {
            for (name, number) in special where text.utf8[bracket...].starts(with: name.utf8) {
                return (bracket..<text.utf8.index(bracket, offsetBy: name.utf8.count), number)
            }
            from = text.utf8.index(after: bracket)
        }
        return nil
    }

    private func append(_ text: Substring, to numbers: inout [Int32], limit: Int) {
        UncasedText.words(of: text) { word, scalars in
            appendPieces(of: word, scalars, to: &numbers)
            return numbers.count < limit
        }
        if numbers.count > limit { numbers.removeLast(numbers.count - limit) }
    }

    /// The longest piece that the word begins with, then the longest that goes on, and so on; one that cannot be made up
    /// is unknown as a whole.
    private func appendPieces(of word: [UInt8], _ scalars: Int, to numbers: inout [Int32]) {
        guard scalars <= Self.longestWord else { return numbers.append(unknown) }
        let before = numbers.count
        var from = 0
        while from < word.count {
            var to = word.count
            var found: Int32?
            while to > from {
                found = vocabulary.number(of: word[from..<to], goesOn: from > 0)
                if found != nil { break }
                repeat { to -= 1 } while to > from && word[to] & 0xC0 == 0x80
            }
            guard let found else {
                numbers.removeLast(numbers.count - before)
                return numbers.append(unknown)
            }
            numbers.append(found)
            from = to
        }
    }
}
