/// The members of the params of `tools/call` that decide what becomes of it, found in one pass: arguments can be long.
struct CallMembers {
    /// The tool's name; `nil` when it is absent or not the only one, as ``RequestRouter/only(_:of:)`` has it.
    private(set) var name: JSONSlice?
    private(set) var arguments: JSONSlice?
    /// What asks for a task (2025-11-25, Tasks).
    private(set) var task: JSONSlice?
    /// How many members are `task`, in whatever case.
    private(set) var tasks = 0

    init(_ params: JSONSlice?) {
        guard let params else { return }
        var (name, arguments, task): (JSONSlice?, JSONSlice?, JSONSlice?)
        var (names, tasks) = (0, 0)
        JSONScanner.eachMember(of: params) { range, value in
            let raw = params.base[range]
            let value = JSONSlice(base: params.base, range: value)
            if JSONText.equals(raw, "name") {
                (name, names) = (value, names + 1)
            } else if JSONText.equals(raw, "task") {
                (task, tasks) = (value, tasks + 1)
            } else if JSONText.equals(raw, "arguments") {
                arguments = value
            } else if raw.count == 4 || raw.contains(UInt8(ascii: "\\")) {
                // Some parsers take `Name` for `name`.
                switch JSONText.decode(raw)?.lowercased() {
                case "name": names += 1
                case "task": tasks += 1
                default: break
                }
            }
            return true
        }
        self.name = names == 1 ? name : nil
        (self.arguments, self.task, self.tasks) = (arguments, task, tasks)
    }
}
