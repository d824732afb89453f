/// The parts of a request that asks for several things: "read the mail, then add it to my calendar".
package enum RequestClauses {
    /// Fewest words of a part.
    static let wordsAtLeast = 3
    /// A text with more parts is a story, not a list of steps.
    static let most = 6

    private static let joints: Set<String> = ["then", "also", "additionally", "finally"]

    /// Two to six parts of three words or more, or none at all. Split at the ends of sentences, line breaks, "and then",
    /// "then", "also", "additionally" and "finally".
    package static func of(_ text: String) -> [String] {
        var parts: [String] = []
        for sentence in sentences(text) {
            var words: [Substring] = []
            func end() {
                if words.count >= wordsAtLeast { parts.append(words.joined(separator: " ")) }
                words = []
            }
            for word in sentence.split(whereSeparator: \.isWhitespace) {
                if joints.contains(bare(word)) {
                    if bare(word) == "then", let last = words.last, bare(last) == "and" { words.removeLast() }
                    end()
                } else {
                    words.append(word)
                }
            }
            end()
            if parts.count > most { return [] }
        }
        return parts.count >= 2 ? parts : []
    }

    private static func bare(_ word: Substring) -> String {
        String(word.lowercased().filter { !",;:.!?".contains($0) })
    }

    /// A full stop ends a sentence when white space follows: "1.5" and "file.txt" are whole.
    private static func sentences(_ text: String) -> [Substring] {
        var found: [Substring] = []
        var start = text.startIndex
        var index = start
        while index < text.endIndex {
            let next = text.index(after: index)
            let ends =
                switch text[index] {
                case ".", "!", "?", ";": next == text.endIndex || text[next].isWhitespace
                case "。", "！", "？", "；": true
                case let character: character.isNewline
                }
            if ends {
                found.append(text[start..<next])
                start = next
            }
            index = next
        }
        found.append(text[start...])
        return found
    }
}
