import ArgumentParser
import HostConfiguration

struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start a server that was stopped.",
        discussion: """
            EXAMPLES
              vmcp start time
            """)

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let folder = try server.folder()
        try await ServerArrival(server.server, in: folder).take { try folder.start(server.server) }
    }
}
