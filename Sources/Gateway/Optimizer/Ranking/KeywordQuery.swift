/// A query for SQLite's FTS5: quoted words joined with `OR`, so that nothing a caller writes is taken for its syntax.
package struct KeywordQuery: Sendable, Equatable {
    /// Most words of one query. Those that come later say little, and time grows with their number.
    static let wordLimit = 200
    /// Most bytes of a text that is looked at.
    static let textLimit = 16_384

    /// In the order of the request, each once.
    package let words: [String]

    /// The words of the request and the keywords, split as the index is, without stop words and single ASCII letters.
    package static func hybrid(_ text: String, keywords: [String] = []) -> KeywordQuery {
        KeywordQuery(
            ([text] + keywords).lazy.flatMap { WordSplit.split(bounded($0)).split(separator: " ") }.map(lowercased)
        ) { StopWords.english.contains($0) || $0.utf8.count == 1 }
    }

    /// As the reference has it: the keywords if some are left, otherwise the words of the description; parted at white
    /// space only, so that `create_issue` is a phrase.
    package static func reference(_ description: String, keywords: [String]) -> KeywordQuery {
        func query(_ texts: [String]) -> KeywordQuery {
            KeywordQuery(
                texts.lazy.flatMap { bounded($0).split(whereSeparator: \.isWhitespace) }.map(lowercased)
            ) { StopWords.reference.contains($0) }
        }
        let own = query(keywords)
        return own.words.isEmpty ? query([description]) : own
    }

    private init(_ words: some Sequence<String>, dropping isDropped: (String) -> Bool) {
        var seen: Set<String> = []
        var kept: [String] = []
        for word in words {
            guard !isDropped(word), seen.insert(word).inserted else { continue }
            kept.append(word)
            if kept.count == Self.wordLimit { break }
        }
        self.words = kept
    }

    private static func lowercased(_ word: Substring) -> String { word.lowercased() }

    /// Null bytes end a text in SQLite.
    private static func bounded(_ text: String) -> String {
        let short = text.utf8.count > textLimit ? String(decoding: text.utf8.prefix(textLimit), as: UTF8.self) : text
        return short.utf8.contains(0) ? String(short.unicodeScalars.map { $0 == "\0" ? " " : Character($0) }) : short
    }

    /// The text for `MATCH`; `nil` when no word is left, which matches nothing.
    package var match: String? {
        words.isEmpty ? nil : words.map(Self.match).joined(separator: " OR ")
    }

    /// The text for `MATCH` of one word.
    package static func match(_ word: String) -> String {
        "\"" + word.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
