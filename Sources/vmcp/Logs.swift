import ArgumentParser
import HostConfiguration

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a server wrote of late, and what the gateway says of it.",
        discussion: """
            The last 500 lines that the server wrote to its standard error (and to its standard output, with an HTTP \
            transport) since the gateway of the group started, among lines of the gateway about it. They are kept in the \
            memory of that gateway; its own log has them too.

            EXAMPLES
              vmcp logs time
            """)

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let folder = try server.folder()
        let lines = try await GroupGateway.with(folder) { gateway in
            guard let lines = try await gateway.lines(of: server.server) else {
                throw GroupFault("the gateway at \(gateway.endpoint) does not serve \(server.server); see vmcp list")
            }
            return lines
        }
        guard let lines else {
            throw GroupFault(
                "no gateway serves the group \(folder.name), and lines are kept by it alone; start it: "
                    + "vmcp serve --group \(folder.name)")
        }
        print(lines, terminator: "")
    }
}
