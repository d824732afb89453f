import Yams

/// Turns one tree of Yams into ours, and reports what has no meaning as JSON.
struct NodeConversion {
    let file: String
    let log: DiagnosticLog
    let inserted: [DuplicateKeyRepair.Insertion]
    private var count = 0
    private var gaveUp = false

    init(file: String, log: DiagnosticLog, inserted: [DuplicateKeyRepair.Insertion]) {
        self.file = file
        self.log = log
        self.inserted = inserted
    }

    /// The tree, or `nil` when it is too large or too deep, which is reported.
    mutating func node(from root: Yams.Node) -> Node? {
        let node = convert(root, path: "", depth: 0)
        return gaveUp ? nil : node
    }

    private mutating func convert(_ node: Yams.Node, path: String, depth: Int) -> Node {
        let place = place(of: node.mark)
        count += 1
        guard !gaveUp, depth <= DocumentReader.depthLimit, count <= DocumentReader.nodeLimit else {
            if !gaveUp {
                add(
                    place, path,
                    "expected at most \(DocumentReader.depthLimit) levels and \(DocumentReader.nodeLimit) values, "
                        + "aliases included, found more; split the document")
            }
            gaveUp = true
            return Node(content: .null, place: place)
        }
        switch node {
        case .scalar(let scalar):
            return Node(content: content(of: scalar, place: place, path: path), place: place)
        case .sequence(let sequence):
            check(tag: sequence.tag, is: "tag:yaml.org,2002:seq", place: place, path: path)
            var items: [Node] = []
            for item in sequence {
                items.append(convert(item, path: "\(path)[\(items.count)]", depth: depth + 1))
                if gaveUp { break }
            }
            return Node(content: .sequence(items), place: place)
        case .mapping(let mapping):
            check(tag: mapping.tag, is: "tag:yaml.org,2002:map", place: place, path: path)
            return Node(content: .mapping(entries(of: mapping, path: path, depth: depth)), place: place)
        case .alias:
            add(place, path, "expected a value, found an alias without its anchor; write the value out")
            return Node(content: .null, place: place)
        }
    }

    private mutating func entries(of mapping: Yams.Node.Mapping, path: String, depth: Int) -> [Node.Entry] {
        var entries: [Node.Entry] = []
        var merged: [Node.Entry] = []
        for (key, value) in mapping {
            if gaveUp { break }
            let keyPlace = place(of: key.mark)
            guard case .scalar(let scalar) = key else {
                add(
                    keyPlace, path, "expected text as key, found a list or mapping; write a plain word before the colon"
                )
                continue
            }
            let name = String(scalar.string.drop { $0 == DuplicateKeyRepair.mark })
            let childPath = Located.path(path, key: name)
            if name == "<<", scalar.style == .plain {
                merged += mergedEntries(of: value, place: keyPlace, path: path, depth: depth)
                continue
            }
            let converted = convert(value, path: childPath, depth: depth + 1)
            if let first = entries.first(where: { $0.key == name }) {
                add(
                    keyPlace, childPath,
                    "expected each key once, found `\(name)` again (first at line \(first.keyPlace.line)); "
                        + "keep one of them")
            } else {
                entries.append(Node.Entry(key: name, keyPlace: keyPlace, value: converted))
            }
        }
        for entry in merged where !entries.contains(where: { $0.key == entry.key }) { entries.append(entry) }
        return entries
    }

    /// The entries that a merge key brings in (https://yaml.org/type/merge.html); earlier mappings win.
    private mutating func mergedEntries(
        of value: Yams.Node, place: Node.Place, path: String, depth: Int
    ) -> [Node.Entry] {
        let converted = convert(value, path: path, depth: depth + 1)
        switch converted.content {
        case .mapping(let entries): return entries
        case .sequence(let items):
            return items.flatMap { item -> [Node.Entry] in
                if case .mapping(let entries) = item.content { return entries }
                return []
            }
        default:
            add(place, path, "expected a mapping after `<<`, found \(converted.typeDescription); merge an alias")
            return []
        }
    }

    private func content(of scalar: Yams.Node.Scalar, place: Node.Place, path: String) -> Node.Content {
        let text = scalar.string
        let tag = scalar.tag.description
        do throws(ScalarResolution.Refusal) {
            switch tag {
            case "tag:yaml.org,2002:str", "!":
                return .text(text)
            case "", "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int",
                "tag:yaml.org,2002:float":
                return try ScalarResolution.plain(text)
            default:
                add(
                    place, path,
                    "expected no tag, or one of !!str, !!int, !!float, !!bool, !!null, found another; remove it")
                return .text(text)
            }
        } catch {
            add(place, path, error.message)
            return .text(text)
        }
    }

    private func check(tag: Tag, is expected: String, place: Node.Place, path: String) {
        let found = tag.description
        if !found.isEmpty, found != expected, found != "!" {
            add(place, path, "expected a list or mapping without a tag, found `\(found)`; remove the tag")
        }
    }

    /// The place in the user's text: marks that were put in before it on its line do not count.
    private func place(of mark: Mark?) -> Node.Place {
        guard let mark else { return Node.Place(line: 1, column: 1) }
        let before = inserted.filter { $0.line == mark.line && $0.column < mark.column }.count
        return Node.Place(line: mark.line, column: mark.column - before)
    }

    private func add(_ place: Node.Place, _ path: String, _ message: String) {
        log.add(.error, file: file, place: place, path: path, message)
    }
}
