import ArgumentParser
import CPosix
import Host

#if canImport(Glibc)
    import Glibc
#endif

/// The command line: one file a subcommand.
struct VMCP: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vmcp",
        abstract: "One MCP endpoint in front of many MCP servers.",
        discussion: """
            EXAMPLES
              vmcp serve --config examples/quickstart/resources.yaml
              vmcp group create tools && vmcp run uvx://mcp-server-time --group tools && vmcp serve --group tools
              vmcp validate --config vmcp.yaml
              vmcp tools --config resources/ --json
              vmcp plugins list

            Exit codes: 0 success, also after a signal; 1 any error.
            """,
        version: GatewayVersion.current,
        subcommands: [
            Serve.self, Validate.self, Init.self, Tools.self, Search.self, Workflow.self, Plugins.self, Version.self,
            Group.self, Run.self, List.self, Start.self, Stop.self, Remove.self, Logs.self,
        ])
}

@main
enum Main {
    static func main() async {
        cposix_give_memory_back()
        Terminal.writeLines()
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try VMCP.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let isHelp = VMCP.exitCode(for: error) == .success
            let text = isHelp ? VMCP.message(for: error) : VMCP.fullMessage(for: error)
            if !text.isEmpty { isHelp ? print(text) : Terminal.complain(text) }
            exit(isHelp ? 0 : 1)
        }
    }
}
