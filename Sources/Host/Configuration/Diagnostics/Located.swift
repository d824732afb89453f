/// A node with its file and its path, for reading a tree without losing the place.
///
/// Reading is lenient: a child that is absent, null or of another type is `nil`. The schema has reported wrong types
/// already, so rules need not do it again.
struct Located {
    let file: String
    let path: String
    let node: Node
    /// Where the key stands that holds the node.
    let keyPlace: Node.Place?

    init(file: String, path: String = "", node: Node, keyPlace: Node.Place? = nil) {
        self.file = file
        self.path = path
        self.node = node
        self.keyPlace = keyPlace
    }

    /// Where to point a reader: at a scalar itself, at the key of a list or mapping.
    var place: Node.Place { node.isContainer ? keyPlace ?? node.place : node.place }

    /// The child under a key; `nil` when absent or null.
    subscript(key: String) -> Located? {
        guard case .mapping(let entries) = node.content,
            let entry = entries.first(where: { $0.key == key })
        else { return nil }
        if case .null = entry.value.content { return nil }
        return child(entry)
    }

    /// The descendant under several keys; `nil` as soon as one is absent.
    func at(_ keys: String...) -> Located? {
        keys.reduce(Optional(self)) { $0?[$1] }
    }

    /// The children of a mapping, in the order written, null ones too.
    var entries: [(key: String, value: Located)] {
        guard case .mapping(let entries) = node.content else { return [] }
        return entries.map { ($0.key, child($0)) }
    }

    /// The items of a list.
    var items: [Located] {
        guard case .sequence(let nodes) = node.content else { return [] }
        return nodes.enumerated().map { Located(file: file, path: "\(path)[\($0.offset)]", node: $0.element) }
    }

    var text: String? {
        if case .text(let text) = node.content { return text }
        return nil
    }

    /// The digits of a number, or text.
    var numeral: String? {
        switch node.content {
        case .integer(let digits), .number(let digits): digits
        default: text
        }
    }

    var boolean: Bool? {
        if case .boolean(let value) = node.content { return value }
        return nil
    }

    var integer: Int? {
        if case .integer(let digits) = node.content { return Int(digits) }
        return nil
    }

    var isNull: Bool {
        if case .null = node.content { return true }
        return false
    }

    /// A duration that its text spells correctly.
    var duration: Duration? { text.flatMap(DurationText.parse) }

    /// The texts of a list; items of other types are left out.
    var texts: [String] { items.compactMap(\.text) }

    /// The texts of a mapping; values of other types are left out.
    var textMap: [String: String] {
        var map: [String: String] = [:]
        for (key, value) in entries {
            if let text = value.text { map[key] = text }
        }
        return map
    }

    private func child(_ entry: Node.Entry) -> Located {
        Located(file: file, path: Self.path(path, key: entry.key), node: entry.value, keyPlace: entry.keyPlace)
    }

    /// A path with a key added; keys that are no plain word are put in brackets.
    static func path(_ path: String, key: String) -> String {
        let isPlain =
            !key.isEmpty
            && key.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_/".unicodeScalars.contains($0))
            }
        guard isPlain else { return "\(path)[\"\(key)\"]" }
        return path.isEmpty ? key : "\(path).\(key)"
    }
}
