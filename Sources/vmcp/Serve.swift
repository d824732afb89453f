import ArgumentParser
import Gateway
import Host
import HostConfiguration

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway.",
        discussion: """
            Serves http://HOST:PORT/mcp until SIGINT, SIGTERM or SIGQUIT; a second signal ends at once. A plugin is looked for
            in --plugins, in the folders of VMCP_PLUGIN_PATH, and beside the executable.

            EXAMPLES
              vmcp serve --config vmcp.yaml
              vmcp serve --config resources/ --name production --host 0.0.0.0 --port 8080
            """)

    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes any that is free.")
    var port: UInt16 = 4483

    @Option(help: "How long an unused session lives, such as 30m or 90s.")
    var sessionTTL: DurationOption = DurationOption(milliseconds: 1_800_000)

    @Option(
        name: .customLong("allow-origin"),
        help: ArgumentHelp(
            "A web origin that may call, such as https://app.example.com; repeatable.", valueName: "origin"))
    var allowedOrigins: [String] = []

    @Option(
        name: .customLong("allow-host"),
        help: ArgumentHelp("A Host header accepted besides the loopback names; repeatable.", valueName: "host"))
    var allowedHosts: [String] = []

    @Flag(help: "Log more.")
    var debug = false

    func run() async throws {
        let assembly = try configuration.assembly(
            listensOnLoopback: ServeSettings.isLoopback(host), debug: debug)
        let settings = try assembly.load().checked()
        guard settings.notImplemented.isEmpty else {
            for feature in settings.notImplemented { Terminal.complain("\(feature)") }
            throw AlreadyReported(description: "the configuration uses what this version does not serve yet")
        }
        let application = try await assembly.serve(
            settings,
            ServeSettings(
                host: host, port: Int(port), sessionTimeToLive: sessionTTL.milliseconds, allowedOrigins: allowedOrigins,
                allowedHosts: allowedHosts))
        print("\(Terminal.styled("vmcp", .bold)) \(GatewayVersion.current) · \(settings.name)\n")
        print("  endpoint   \(Terminal.styled(application.endpoint, .cyan))")
        let summary = Task {
            await application.firstRound()
            guard !Task.isCancelled else { return }
            print(ServeSummary(application, name: settings.name).text)
        }
        await application.runUntilSignal()
        summary.cancel()
    }
}

/// A length of time on the command line, in Go's syntax as everywhere in the configuration.
struct DurationOption: ExpressibleByArgument {
    let milliseconds: UInt64

    init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    init?(argument: String) {
        guard let duration = DurationText.parse(argument), duration > .zero else { return nil }
        milliseconds = UInt64(duration / .milliseconds(1))
    }

    var defaultValueDescription: String { "30m" }
}
