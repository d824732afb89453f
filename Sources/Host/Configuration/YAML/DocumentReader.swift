import Yams

/// Reads the text of a file into its YAML documents.
///
/// A broken document does not hide the ones before it; after it the reader stops, since YAML cannot be resumed.
struct DocumentReader {
    /// The most nodes a document may have after its aliases are followed: a small file can otherwise grow without
    /// bound ("billion laughs").
    static let nodeLimit = 100_000
    /// The deepest nesting of lists and mappings.
    static let depthLimit = 100

    let file: String
    let log: DiagnosticLog

    /// The documents of the text that are not empty, in order. Problems go to the log.
    func documents(in text: String) -> [Located] {
        let source = file.lowercased().hasSuffix(".json") ? SurrogatePairs.joined(in: text) : text
        let repair = DuplicateKeyRepair.parse(source)
        if let error = repair.error { report(error) }
        return repair.roots.compactMap { root in
            var conversion = NodeConversion(file: file, log: log, inserted: repair.inserted)
            guard let node = conversion.node(from: root) else { return nil }
            if case .null = node.content { return nil }
            return Located(file: file, node: node)
        }
    }

    /// Only the parser's own words are shown: its snippets could hold a secret.
    private func report(_ error: any Error) {
        let advice = "; expected YAML, check indentation, colons and quotes"
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let circumstance = context.map { " \($0.text) at line \($0.mark.line)" } ?? ""
            let place = Node.Place(line: mark.line, column: mark.column)
            log.error(file: file, place: place, "found a syntax error: \(problem)\(circumstance)\(advice)")
        case .reader(let problem, _, _, _):
            log.error(file: file, place: .init(line: 1, column: 1), "found unreadable text: \(problem)\(advice)")
        case .duplicatedKeysInMapping(let keys, let context):
            let place = Node.Place(line: context.mark.line, column: context.mark.column)
            let names = keys.map { "`\($0)`" }.joined(separator: ", ")
            log.error(file: file, place: place, "expected each key once, found \(names) again; keep one of them")
        default:
            log.error(file: file, place: .init(line: 1, column: 1), "found text that is not YAML\(advice)")
        }
    }
}
