import ArgumentParser
import HostConfiguration

struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop a server and keep it for vmcp start.",
        discussion: """
            Its file stays in the folder of the group as NAME.yaml.stopped. A gateway that serves the group ends the server \
            at once; calls to it that are under way end.

            EXAMPLES
              vmcp stop time
              vmcp stop time --group tools
            """)

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let folder = try server.folder()
        try folder.stop(server.server)
        _ = try await GroupGateway.with(folder) { try await $0.forget(server.server) }
        print("\(server.server) is stopped")
    }
}
