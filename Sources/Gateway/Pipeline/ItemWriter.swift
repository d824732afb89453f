/// Writes an item for clients: `name`, `description` and `annotations` as configured, all other bytes as they came.
struct ItemWriter {
    private struct Edit {
        let range: Range<Int>
        let bytes: [UInt8]
    }

    /// Appends the item as one JSON object.
    static func append(_ named: NamedItem, to out: inout [UInt8]) {
        let item = named.item
        let base = item.object.base
        guard item.override != nil || named.name != item.originalName else {
            out.append(contentsOf: item.object.bytes)
            return
        }
        if item.override == nil {
            // The common case: a prefix and nothing else.
            out.append(contentsOf: base[item.object.range.lowerBound..<item.nameRange.lowerBound])
            JSONText.append(named.name, to: &out)
            out.append(contentsOf: base[item.nameRange.upperBound..<item.object.range.upperBound])
            return
        }
        var position = item.object.range.lowerBound
        for edit in edits(named).sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            out.append(contentsOf: base[position..<edit.range.lowerBound])
            out.append(contentsOf: edit.bytes)
            position = edit.range.upperBound
        }
        out.append(contentsOf: base[position..<item.object.range.upperBound])
    }

    /// The members that an item's override changes.
    static func overriddenMembers(of item: OfferedItem) -> [String] {
        guard let override = item.override else { return [] }
        var members: [String] = []
        if item.name != item.originalName { members.append("name") }
        if override.description?.isEmpty == false { members.append("description") }
        if !hints(override.annotations).isEmpty { members.append("annotations") }
        return members
    }

    private static func edits(_ named: NamedItem) -> [Edit] {
        let item = named.item
        var edits: [Edit] = []
        if named.name != item.originalName {
            edits.append(Edit(range: item.nameRange, bytes: JSONText.quote(named.name)))
        }
        // Members that were not there go before the closing brace; there is always a name, so a comma fits.
        var added: [UInt8] = []
        func put(_ member: String, at range: Range<Int>?, _ bytes: [UInt8]) {
            if let range {
                edits.append(Edit(range: range, bytes: bytes))
            } else {
                added.append(contentsOf: ",\"\(member)\":".utf8)
                added.append(contentsOf: bytes)
            }
        }
        if let description = item.override?.description, !description.isEmpty {
            put("description", at: item.descriptionRange, JSONText.quote(description))
        }
        let hints = hints(item.override?.annotations)
        if !hints.isEmpty {
            let old = item.annotationsRange.map { JSONSlice(base: item.object.base, range: $0) }
            put("annotations", at: item.annotationsRange, annotations(old, replacing: hints))
        }
        if !added.isEmpty {
            let end = item.object.range.upperBound - 1
            edits.append(Edit(range: end..<end, bytes: added))
        }
        return edits
    }

    private static func hints(_ annotations: AggregationSettings.Annotations?) -> [(key: String, json: [UInt8])] {
        guard let annotations else { return [] }
        var hints: [(key: String, json: [UInt8])] = []
        if let title = annotations.title { hints.append(("title", JSONText.quote(title))) }
        let flags = [
            ("readOnlyHint", annotations.readOnlyHint), ("destructiveHint", annotations.destructiveHint),
            ("idempotentHint", annotations.idempotentHint), ("openWorldHint", annotations.openWorldHint),
        ]
        for case (let key, let value?) in flags { hints.append((key, Array((value ? "true" : "false").utf8))) }
        return hints
    }

    /// The old annotations with new values in the places of the old ones, and new members at the end.
    private static func annotations(
        _ old: JSONSlice?, replacing hints: [(key: String, json: [UInt8])]
    ) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "{")]
        var missing = hints.map(\.key)
        var isFirst = true
        if let old, old.kind == .object {
            out.removeAll()
            var position = old.range.lowerBound
            JSONScanner.eachMember(of: old) { key, value in
                isFirst = false
                guard let hint = hints.first(where: { JSONText.equals(old.base[key], $0.key) }) else { return true }
                missing.removeAll { $0 == hint.key }
                out.append(contentsOf: old.base[position..<value.lowerBound])
                out.append(contentsOf: hint.json)
                position = value.upperBound
                return true
            }
            out.append(contentsOf: old.base[position..<(old.range.upperBound - 1)])
        }
        for hint in hints where missing.contains(hint.key) {
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            out.append(contentsOf: "\"\(hint.key)\":".utf8)
            out.append(contentsOf: hint.json)
        }
        out.append(UInt8(ascii: "}"))
        return out
    }
}
