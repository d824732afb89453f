import ArgumentParser
import HostConfiguration

struct Group: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make and list groups of servers.",
        discussion: """
            A group is a folder of resource files: VMCP_GROUPS, otherwise vmcp/groups in $XDG_CONFIG_HOME or ~/.config. There \
            is nothing else of it.

            EXAMPLES
              vmcp group create tools
              vmcp run uvx://mcp-server-time --group tools
              vmcp serve --group tools
            """,
        subcommands: [Create.self, List.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a group without servers.")
        @Argument(help: "Lower case letters, digits and hyphens.") var name: String

        func run() throws { print(try GroupStore.current.create(name).path) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the groups: how many servers each has, and where it is served.")

        func run() async throws {
            let store = try GroupStore.current
            var rows = [["GROUP", "SERVERS", "SERVED AT", "FOLDER"]]
            for group in try store.groups {
                let endpoint =
                    if case .running(let endpoint) = GroupService.look(at: group) { endpoint } else { "-" }
                rows.append([group.name, "\(try group.members().count)", endpoint, group.path])
            }
            print(
                rows.count > 1 ? Terminal.table(rows) : "no groups in \(store.path): vmcp group create NAME makes one")
        }
    }
}
