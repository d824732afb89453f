import ArgumentParser
import Gateway
import Host
import HostConfiguration

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway.",
        discussion: """
            Serves http://HOST:PORT/mcp until SIGINT, SIGTERM or SIGQUIT; a second signal ends at once. The \
            configuration is read again when its files change and on SIGHUP; one that is not valid changes nothing. A plugin \
            is looked for in --plugins, in the folders of VMCP_PLUGIN_PATH, and beside the executable.

            EXAMPLES
              vmcp serve --config vmcp.yaml
              vmcp serve --config resources/ --name production --host 0.0.0.0 --port 8080
              vmcp serve --group tools
            """)

    @OptionGroup var configuration: ConfigurationOptions

    @Option(
        name: .shortAndLong,
        help: "The group of vmcp group and vmcp run to serve, on loopback only; left out when --config is given.")
    var group: String?

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes any that is free.")
    var port: UInt16 = 4483

    @Option(
        name: .customLong("session-ttl"), parsing: .unconditional,
        help: "How long an unused session lives, such as 30m or 90s; 0 is the default, 30m.",
        transform: SessionLifetime.init)
    var sessionLifetime = SessionLifetime()

    @Option(
        name: .customLong("allow-origin"),
        help: ArgumentHelp(
            "A web origin that may call, such as https://app.example.com; repeatable.", valueName: "origin"))
    var allowedOrigins: [String] = []

    @Option(
        name: .customLong("allow-host"),
        help: ArgumentHelp("A Host header accepted besides the loopback names; repeatable.", valueName: "host"))
    var allowedHosts: [String] = []

    @Flag(
        inversion: .prefixedNo, help: "Read the configuration again when its files change; SIGHUP does so anyway.")
    var watch = true

    @Option(
        name: .customLong("shutdown-grace"),
        help: "How long sessions and requests may go on after the signal to end, such as 30s.",
        transform: Serve.duration)
    var shutdownGrace = Duration.seconds(30)

    @Option(
        name: .customLong("shutdown-delay"),
        help: "How long to go on serving after that signal while /readyz says no, for load balancers to see it.",
        transform: Serve.duration)
    var shutdownDelay = Duration.zero

    @Flag(
        help:
            "Show clients find_tool and call_tool instead of all tools, when the configuration does not say so itself.")
    var optimizer = false

    @Flag(
        help: ArgumentHelp(
            "As --optimizer, with tools compared by meaning by an embedding server that is run in a container, whatever the configuration names."
        ))
    var optimizerEmbedding = false

    @Option(help: "The model of --optimizer-embedding; BAAI/bge-small-en-v1.5 when absent.")
    var embeddingModel: String?

    @Option(
        help:
            "The image of --optimizer-embedding; ghcr.io/huggingface/text-embeddings-inference:cpu-latest when absent.")
    var embeddingImage: String?

    func run() async throws {
        var configuration = configuration
        let service = try quickMode(&configuration)
        let assembly = try configuration.assembly(
            listensOnLoopback: ServeSettings.isLoopback(host), optimizes: optimizer,
            embedding: optimizerEmbedding
                ? AssemblyOptions.Embedding(model: embeddingModel, image: embeddingImage) : nil,
            keepsLines: service != nil)
        let settings = try assembly.load().checked()
        guard settings.notImplemented.isEmpty else {
            for feature in settings.notImplemented { Terminal.complain("\(feature)") }
            throw AlreadyReported(description: "the configuration uses what this version does not serve yet")
        }
        let application = try await assembly.serve(
            settings,
            ServeSettings(
                host: host, port: Int(port), sessionTimeToLive: sessionLifetime.milliseconds,
                shutdownGrace: shutdownGrace, shutdownDelay: shutdownDelay, allowedOrigins: allowedOrigins,
                allowedHosts: allowedHosts)
        ) { [debug = configuration.debug] in Log.show(debug: debug || $0.operational.logsDebug) }
        service?.listens(at: application.endpoint)
        await application.runUntilSignal(watching: watch ? configuration.config : []) {
            print("\(Terminal.styled("vmcp", .bold)) \(GatewayVersion.current) · \(settings.name)\n")
            print("  endpoint   \(Terminal.styled(application.endpoint, .cyan))")
            Task {
                await application.firstRound()
                guard !application.isEnding else { return }
                print(ServeSummary(application, name: settings.name).text)
            }
        }
        withExtendedLifetime(service) {}
    }

    /// Quick mode: has the folder of `--group` read, and says that this is its gateway.
    ///
    /// - Returns: What is to be held as long as it is served; `nil` in the other mode.
    private func quickMode(_ configuration: inout ConfigurationOptions) throws -> GroupService? {
        guard let group else {
            guard !configuration.config.isEmpty else {
                throw ValidationError("no configuration: give --config with a file or a folder, or --group")
            }
            return nil
        }
        guard configuration.config.isEmpty else {
            Terminal.complain("warning: --group is left out, because --config is given")
            return nil
        }
        guard ServeSettings.isLoopback(host) else {
            throw ValidationError(
                "--host: expected a loopback address with --group, found \(host); a group asks nobody who they are. "
                    + "Give its folder with --config, and authentication, to listen elsewhere")
        }
        let folder = try GroupStore.current.group(group)
        configuration.config = [folder.path]
        return try GroupService(folder)
    }

    /// - Throws: When it is no duration of at least 0.
    private static func duration(_ text: String) throws -> Duration {
        guard !text.hasPrefix("-"), let duration = text == "0" ? .zero : DurationText.parse(text) else {
            throw ValidationError("expected a duration such as 30s or 1m30s, found \"\(text)\"")
        }
        return duration
    }
}

/// The value of `--session-ttl`, in Go's syntax as everywhere in the configuration.
struct SessionLifetime: CustomStringConvertible {
    /// What 0 means too.
    private static let standard: UInt64 = 1_800_000

    let milliseconds: UInt64

    init() { milliseconds = Self.standard }

    init(_ text: String) throws {
        guard !text.hasPrefix("-") else { throw ValidationError("must not be negative, found \(text)") }
        guard let duration = text == "0" ? .zero : DurationText.parse(text) else {
            throw ValidationError("expected a duration such as 30m, 90s or 1h30m, found \"\(text)\"")
        }
        milliseconds = duration == .zero ? Self.standard : UInt64(max(duration / .milliseconds(1), 1))
    }

    var description: String { "30m" }
}
