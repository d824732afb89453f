import ArgumentParser
import Gateway
import HostConfiguration

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the servers of all groups, or of one: what they are, and how they do.",
        discussion: """
            STATE is the health that the gateway of the group sees, stopped (vmcp stop), or idle when no gateway serves the \
            group.

            EXAMPLES
              vmcp list
              vmcp list --group tools --json
            """)

    @Option(name: .shortAndLong, help: "Only the servers of this group.") var group: String?
    @Flag(help: "Print JSON.") var json = false

    private struct Row {
        let member: GroupFolder.Member
        let group: String
        let state: String
        let tools: Int?
        let message: String
    }

    func run() async throws {
        let store = try GroupStore.current
        var rows: [Row] = []
        for folder in try group.map({ [try store.group($0)] }) ?? store.groups {
            let states = try await GroupGateway.with(folder) { try await $0.states() }
            for member in try folder.members() {
                let state = states?[member.name]
                // A gateway that runs and does not know it has refused its file.
                let word = member.isStopped ? "stopped" : state?.health ?? (states == nil ? "idle" : "not served")
                rows.append(
                    Row(
                        member: member, group: folder.name, state: word, tools: member.isStopped ? nil : state?.tools,
                        message: state?.message ?? ""))
            }
        }
        if json { return print(Self.json(rows)) }
        guard !rows.isEmpty else { return print("no servers: vmcp run IMAGE --group NAME adds one") }
        print(
            Terminal.table(
                [["SERVER", "GROUP", "STATE", "TOOLS", "TRANSPORT", "SOURCE", ""]]
                    + rows.map {
                        [
                            $0.member.name, $0.group, $0.state, $0.tools.map(String.init) ?? "-", $0.member.transport,
                            $0.member.source, $0.message,
                        ]
                    }))
    }

    private static func json(_ rows: [Row]) -> String {
        func quote(_ text: String) -> String { String(decoding: JSONText.quote(text), as: UTF8.self) }
        let items = rows.map { row in
            """
              {"name": \(quote(row.member.name)), "group": \(quote(row.group)), "kind": \(quote(row.member.kind)), \
            "source": \(quote(row.member.source)), "transport": \(quote(row.member.transport)), "state": \(quote(row.state)), \
            "tools": \(row.tools.map(String.init) ?? "null"), "message": \(quote(row.message))}
            """
        }
        return items.isEmpty ? "[]" : "[\n\(items.joined(separator: ",\n"))\n]"
    }
}
