import Yams

/// Reads the fields of a manifest from its node tree, which carries places, and collects all that is wrong.
struct ManifestReader {
    /// Why the text is no manifest at all.
    struct Unreadable: Error, CustomStringConvertible { let description: String }

    private(set) var problems: [String] = []
    private let mapping: Node.Mapping
    private var known: Set<String> = []

    /// - Throws: ``Unreadable``, with the parser's own words and place.
    init(text: String) throws(Unreadable) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw Unreadable(description: "\(error)")
        }
        guard let mapping = root?.mapping else { throw Unreadable(description: "no mapping of keys to values") }
        self.mapping = mapping
    }

    func has(_ key: String) -> Bool { mapping[Node(key)] != nil }

    /// Notes a problem at a field, or at the manifest's beginning when the field is absent.
    mutating func problem(_ key: String, _ text: String) {
        problems.append("\(place(mapping[Node(key)]))\(key): \(text)")
    }

    mutating func text(_ key: String, _ check: (String) -> String?) -> String {
        if !has(key) {
            known.insert(key)
            problem(key, "missing")
            return ""
        }
        return optionalText(key, check) ?? ""
    }

    mutating func optionalText(_ key: String, _ check: (String) -> String?) -> String? {
        known.insert(key)
        guard let node = mapping[Node(key)] else { return nil }
        return scalar(node, key, check)
    }

    /// A list of texts; a single text counts as a list of one.
    mutating func list(_ key: String, isRequired: Bool, _ check: (String) -> String?) -> [String] {
        known.insert(key)
        guard let node = mapping[Node(key)] else {
            if isRequired { problem(key, "missing") }
            return []
        }
        let nodes = node.sequence.map(Array.init) ?? [node]
        if nodes.isEmpty { problem(key, "expected at least one entry") }
        var seen: Set<String> = []
        return nodes.compactMap { node in
            guard let text = scalar(node, key, check) else { return nil }
            if !seen.insert(text).inserted { problems.append("\(place(node))\(key): \(text) is there twice") }
            return text
        }
    }

    mutating func refuseUnknownKeys() {
        for (key, _) in mapping {
            let name = key.scalar?.string ?? "?"
            if !known.contains(name) {
                let all = known.sorted().joined(separator: ", ")
                problems.append("\(place(key))unknown key '\(name)'; known are \(all)")
            }
        }
    }

    private mutating func scalar(_ node: Node, _ key: String, _ check: (String) -> String?) -> String? {
        guard let text = node.scalar?.string else {
            problems.append("\(place(node))\(key): expected a text")
            return nil
        }
        if let expected = check(text) {
            problems.append("\(place(node))\(key): expected \(expected), found '\(text)'")
            return nil
        }
        return text
    }

    private func place(_ node: Node?) -> String {
        guard let mark = node?.mark else { return "" }
        return "line \(mark.line), column \(mark.column): "
    }
}
