/// What bm25 says of the words that were looked up since the catalogue changed: requests have most of their words in common.
///
/// Bounded: when too much is held, all of it goes.
struct WordScores: Sendable {
    /// The tools that have a word, in no order, by position.
    typealias Found = [(position: Int32, score: Double)]

    /// Most that is held, in tools with a word: 16 bytes each.
    private let limit: Int
    private var known: [String: Found] = [:]
    private(set) var held = 0

    init(limit: Int = 1 << 20) { self.limit = limit }

    /// - Parameter lookUp: Asked when the word is not known.
    mutating func of(_ word: String, lookUp: () throws -> Found) rethrows -> Found {
        if let found = known[word] { return found }
        let found = try lookUp()
        // The word itself and its entry take room as well.
        let size = found.count + 8 + word.utf8.count / 16
        if held + size > limit { forget() }
        if size <= limit {
            known[word] = found
            held += size
        }
        return found
    }

    /// Another catalogue has other scores.
    mutating func forget() { (known, held) = ([:], 0) }
}
