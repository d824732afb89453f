import Yams

/// One value of the YAML file with the way to it, read with errors collected instead of thrown.
struct Field {
    let node: Node
    let path: String
    let problems: ProblemList

    var place: Place? { node.mark.map { Place(line: $0.line, column: $0.column) } }

    func problem(_ reason: DescriptionProblem.Reason, _ text: String) {
        problems.add(reason, at: place, path: path, text)
    }

    private func inner(_ name: String, _ node: Node) -> Field {
        Field(node: node, path: path.isEmpty ? name : "\(path).\(name)", problems: problems)
    }

    // MARK: Mappings

    var isMapping: Bool { node.mapping != nil }
    var isSequence: Bool { node.sequence != nil }

    subscript(key: String) -> Field? {
        guard let found = node.mapping?[Node(key)] else { return nil }
        return inner(key, found)
    }

    /// A member that must be there.
    func required(_ key: String) -> Field? {
        if let found = self[key] { return found }
        problem(.missingKey, "'\(key)' is missing")
        return nil
    }

    /// The members in their order; names that are no names of ours, and names that come twice, are problems.
    func entries(_ what: String, limit: Int = 256) -> [(name: String, value: Field)] {
        guard let mapping = node.mapping else {
            problem(.wrongKind, "expected \(what), found \(kind)")
            return []
        }
        guard mapping.count <= limit else {
            problem(.limit, "at most \(limit) are taken, found \(mapping.count)")
            return []
        }
        var entries: [(name: String, value: Field)] = []
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            guard Name.isValid(name) else {
                let place = key.mark.map { Place(line: $0.line, column: $0.column) }
                problems.add(.badName, at: place, path: path, "'\(name)' is no name: expected \(Name.rule)")
                continue
            }
            if entries.contains(where: { $0.name == name }) {
                inner(name, value).problem(.duplicateName, "'\(name)' is there twice")
                continue
            }
            entries.append((name, inner(name, value)))
        }
        return entries
    }

    /// Refuses members that are not among these, and values that are no mapping.
    /// - Returns: Whether it is a mapping.
    @discardableResult
    func check(keys: Set<String>, _ what: String) -> Bool {
        guard let mapping = node.mapping else {
            problem(.wrongKind, "expected \(what), found \(kind)")
            return false
        }
        for (key, _) in mapping {
            let name = key.scalar?.string ?? "?"
            guard !keys.contains(name) else { continue }
            let place = key.mark.map { Place(line: $0.line, column: $0.column) }
            problems.add(
                .unknownKey, at: place, path: path,
                "unknown key '\(name)'; known are \(keys.sorted().joined(separator: ", "))")
        }
        return true
    }

    /// The elements of a list.
    func elements(_ what: String, limit: Int = 64) -> [Field] {
        guard let sequence = node.sequence else {
            problem(.wrongKind, "expected \(what), found \(kind)")
            return []
        }
        guard sequence.count <= limit else {
            problem(.limit, "at most \(limit) are taken, found \(sequence.count)")
            return []
        }
        return sequence.enumerated().map { inner(String($0.offset), $0.element) }
    }

    // MARK: Scalars

    /// The text of a scalar as written, whatever its style.
    var scalar: String? { node.scalar?.string }

    /// Whether it is `null`, `~` or nothing, unquoted.
    var isNull: Bool {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return false }
        return scalar.string.isEmpty || scalar.string == "null" || scalar.string == "~"
    }

    var isQuoted: Bool {
        node.scalar.map { $0.style != .plain && $0.style != .any } ?? false
    }

    var text: String? {
        guard let scalar, !isNull else {
            problem(.wrongKind, "expected a text, found \(kind)")
            return nil
        }
        return scalar
    }

    var bool: Bool? {
        switch scalar {
        case "true": return true
        case "false": return false
        default:
            problem(.wrongKind, "expected true or false, found \(kind)")
            return nil
        }
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        guard let value = scalar.flatMap({ Int($0) }), range.contains(value) else {
            problem(.badValue, "expected a whole number from \(range.lowerBound) to \(range.upperBound), found \(kind)")
            return nil
        }
        return value
    }

    var number: Double? {
        guard let value = scalar.flatMap({ Double($0) }), value.isFinite else {
            problem(.badValue, "expected a number, found \(kind)")
            return nil
        }
        return value
    }

    /// One of a few words.
    func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> Choice? where Choice.RawValue == String {
        if let scalar, let value = Choice(rawValue: scalar) { return value }
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        problem(.badValue, "expected one of \(words), found \(kind)")
        return nil
    }

    /// What it is, for messages.
    var kind: String {
        if isMapping { return "a mapping" }
        if isSequence { return "a list" }
        let text = scalar ?? ""
        return text.isEmpty ? "nothing" : "'\(text.prefix(60))'"
    }
}

/// Names of functions, arguments, types and configuration values.
enum Name {
    static let rule = "1 to 64 letters, digits and '_', not beginning with a digit"

    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 64, isStart(first) else { return false }
        return name.utf8.allSatisfy(isPart)
    }

    static func isStart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    static func isPart(_ byte: UInt8) -> Bool {
        isStart(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
