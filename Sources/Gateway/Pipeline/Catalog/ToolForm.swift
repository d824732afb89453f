/// What a group of clients gets to see of tools, as their revision has them.
///
/// Before 2026-07-28 an `outputSchema` describes an object, and structured content that is something else does not exist
/// (2025-06-18, Tools, Output Schema). `execution` says how tools and tasks go together, to those who can ask for tasks.
package enum ToolForm: Sendable, CaseIterable {
    /// 2026-07-28.
    case modern
    /// Before that.
    case older
    /// 2025-11-25, where tasks are offered.
    case withTasks

    private static let schema = "outputSchema"
    private static let execution = "execution"

    /// The pages of tools in this form; `nil` when every tool stays as it is.
    func pages(of shelf: Shelf) -> ListPages? {
        let tools = shelf.map { named, json in
            (key: CatalogKey(named.name), json: json, dropped: dropped(from: json, named.item.taskUse))
        }
        guard tools.contains(where: { !$0.dropped.isEmpty }) else { return nil }
        return ListPages(.tools, keys: tools.map(\.key)) {
            Self.append(tools[$0].json, without: tools[$0].dropped, to: &$1)
        }
    }

    /// The members that clients do not get.
    private func dropped(from tool: JSONSlice, _ use: TaskUse) -> Set<String> {
        var dropped: Set<String> = []
        JSONScanner.eachMember(of: tool) { key, range in
            if JSONText.equals(tool.base[key], Self.schema) {
                let schema = JSONSlice(base: tool.base, range: range)
                if self != .modern, schema["type"]?.string != "object" { dropped.insert(Self.schema) }
            } else if JSONText.equals(tool.base[key], Self.execution) {
                if self != .withTasks || use == .forbidden { dropped.insert(Self.execution) }
            }
            return true
        }
        return dropped
    }

    private static func append(_ tool: JSONSlice, without dropped: Set<String>, to out: inout [UInt8]) {
        guard !dropped.isEmpty else {
            out.append(contentsOf: tool.bytes)
            return
        }
        out.append(UInt8(ascii: "{"))
        for (index, member) in tool.members.filter({ !dropped.contains($0.key) }).enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            JSONText.append(member.key, to: &out)
            out.append(UInt8(ascii: ":"))
            out.append(contentsOf: member.value.bytes)
        }
        out.append(UInt8(ascii: "}"))
    }
}
