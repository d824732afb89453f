import Yams

/// Parses a file although mappings in it repeat keys.
///
/// Yams refuses the whole document at the first repeated key, which would hide every other error. So the repeated key
/// is given a mark that makes it unique, the text is parsed again, and ``NodeConversion`` takes the mark off and
/// reports the repetition where it stands.
struct DuplicateKeyRepair {
    /// A character that was put into the text, by the line and the column it stands at.
    struct Insertion: Equatable {
        let line: Int
        let column: Int
    }

    /// From a private use area, so that no honest key begins with it.
    static let mark: Character = "\u{F8FF}"
    /// Repetitions that are looked for; one more ends the search with an error.
    private static let limit = 64

    let roots: [Yams.Node]
    let inserted: [Insertion]
    let error: (any Error)?

    static func parse(_ text: String) -> DuplicateKeyRepair {
        var text = text
        var inserted: [Insertion] = []
        while true {
            let (roots, error) = roots(of: text)
            guard case .duplicatedKeysInMapping(_, let context)? = error as? YamlError, inserted.count < limit,
                let insertion = insertMark(at: context.mark, into: &text, number: inserted.count)
            else { return DuplicateKeyRepair(roots: roots, inserted: inserted, error: error) }
            let first = insertion[0]
            inserted = inserted.map {
                guard $0.line == first.line, $0.column >= first.column else { return $0 }
                return Insertion(line: $0.line, column: $0.column + insertion.count)
            }
            inserted += insertion
        }
    }

    private static func roots(of text: String) -> ([Yams.Node], (any Error)?) {
        var roots: [Yams.Node] = []
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            while let root = try parser.nextRoot() { roots.append(root) }
            return (roots, nil)
        } catch {
            return (roots, error)
        }
    }

    /// Puts marks before the key at a place: one more than last time, so that a third repetition is unique too.
    private static func insertMark(at place: Mark, into text: inout String, number: Int) -> [Insertion]? {
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        guard lines.indices.contains(place.line - 1), lines[place.line - 1].indices.contains(place.column - 1) else {
            return nil
        }
        var column = place.column - 1
        let first = lines[place.line - 1][column]
        if first == "\"" || first == "'" {
            column += 1
        } else if "&!*?|>[{".unicodeScalars.contains(first) {
            return nil
        }
        let marks = Array(String(repeating: mark, count: number + 1).unicodeScalars)
        lines[place.line - 1].insert(contentsOf: marks, at: column)
        var joined = String.UnicodeScalarView()
        for (index, line) in lines.enumerated() {
            if index > 0 { joined.append("\n") }
            joined.append(contentsOf: line)
        }
        text = String(joined)
        return marks.indices.map { Insertion(line: place.line, column: column + 1 + $0) }
    }
}
