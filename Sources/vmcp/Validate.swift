import ArgumentParser
import Gateway
import Host
import HostConfiguration

struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a configuration and report every error with its place.",
        discussion: """
            Environment variables that the configuration names must be set. Backends are contacted only where the strategy is
            manual and where there are composite tools, because only their lists tell which names collide and what the tools
            of steps take; --offline leaves that out.

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
        let needsLists = settings.aggregation.strategy == .manual || !settings.compositeTools.isEmpty
        if needsLists, !offline { try await reportLists(assembly, settings) }
    }

    /// What only the lists of backends tell.
    private func reportLists(_ assembly: GatewayAssembly, _ settings: GatewayConfiguration) async throws {
        let preview = await assembly.preview(settings)
        for backend in preview.backends where backend.phase != .ready {
            Terminal.complain("warning: the lists of backend \"\(backend.name)\" were not checked: \(backend.message)")
        }
        let conflicts = preview.report.conflicts
        for conflict in conflicts { Terminal.complain("error: \(conflict)") }
        let diagnostics = preview.diagnostics(of: settings.compositeTools)
        for diagnostic in diagnostics { Terminal.complain("\(diagnostic)") }
        let errors = diagnostics.count { $0.severity == .error }
        if !conflicts.isEmpty { throw AlreadyReported(description: "unresolved names: \(conflicts.count)") }
        if errors > 0 {
            throw AlreadyReported(description: Terminal.count(errors, "error") + " in composite tools")
        }
    }
}
