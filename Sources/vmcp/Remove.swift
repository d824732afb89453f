import ArgumentParser
import HostConfiguration

struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove a server from its group.",
        discussion: """
            Its file goes, with what vmcp run was told. A gateway that serves the group ends the server at once. The image \
            or package stays where the engine, uvx or npx keeps it.

            EXAMPLES
              vmcp rm time
              vmcp rm time --group tools
            """)

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let folder = try server.folder()
        try folder.remove(server.server)
        _ = try await GroupGateway.with(folder) { try await $0.forget(server.server) }
        print("\(server.server) is removed")
    }
}
