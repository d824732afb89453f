/// Tools as clients of revisions before 2026-07-28 get them: there an `outputSchema` describes an object, and structured
/// content that is something else does not exist (2025-06-18, Tools, Output Schema).
enum LegacyTool {
    private static let key = "outputSchema"

    /// The pages without schemas that such clients refuse; `nil` when there are none of them.
    static func pages(of shelf: Shelf) -> ListPages? {
        let tools = shelf.map { named, json in (key: CatalogKey(named.name), json: json) }
        guard tools.contains(where: { isForeign($0.json) }) else { return nil }
        return ListPages(.tools, keys: tools.map(\.key)) { append(tools[$0].json, to: &$1) }
    }

    private static func isForeign(_ tool: JSONSlice) -> Bool {
        guard let schema = tool[key] else { return false }
        return schema["type"]?.string != "object"
    }

    private static func append(_ tool: JSONSlice, to out: inout [UInt8]) {
        guard isForeign(tool) else {
            out.append(contentsOf: tool.bytes)
            return
        }
        out.append(UInt8(ascii: "{"))
        for (index, member) in tool.members.filter({ $0.key != key }).enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            JSONText.append(member.key, to: &out)
            out.append(UInt8(ascii: ":"))
            out.append(contentsOf: member.value.bytes)
        }
        out.append(UInt8(ascii: "}"))
    }
}
