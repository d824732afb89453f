import ArgumentParser
import Gateway
import Host
import HostConfiguration

struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a configuration and report every error with its place.",
        discussion: """
            Environment variables that the configuration names must be set. Backends are contacted only where the strategy is
            manual, because only their lists tell which names collide; --offline leaves that out.

            EXAMPLES
              vmcp validate --config vmcp.yaml
              vmcp validate --config resources/ --name production --target cluster
            """)

    @OptionGroup var configuration: ConfigurationOptions

    @Flag(help: "Contact no backend.")
    var offline = false

    func run() async throws {
        let assembly = try configuration.assembly()
        let settings = try assembly.load().checked()
        for feature in settings.notImplemented {
            Terminal.complain("\(feature)")
        }
        print(
            Terminal.table([
                ["name", settings.name], ["group", settings.group], ["backends", "\(settings.backends.count)"],
                ["incoming auth", settings.incomingAuth.rawValue],
                ["outgoing auth", settings.outgoingAuth.source.rawValue],
                ["conflicts", settings.aggregation.strategy.rawValue],
            ]))
        if settings.aggregation.strategy == .manual, !offline { try await reportConflicts(assembly, settings) }
    }

    private func reportConflicts(_ assembly: GatewayAssembly, _ settings: GatewayConfiguration) async throws {
        let preview = await assembly.preview(settings)
        for backend in preview.backends where backend.phase != .ready {
            Terminal.complain("warning: backend \"\(backend.name)\" was not checked for conflicts: \(backend.message)")
        }
        let conflicts = preview.report.conflicts
        for conflict in conflicts { Terminal.complain("error: \(conflict)") }
        if !conflicts.isEmpty {
            throw AlreadyReported(description: "unresolved names: \(conflicts.count)")
        }
    }
}
