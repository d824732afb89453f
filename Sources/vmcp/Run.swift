import ArgumentParser
import Foundation
import Host
import HostConfiguration

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add a server to a group; where the group is served, it is started at once.",
        discussion: """
            Writes the file NAME.yaml, an MCPServer, into the folder of the group. IMAGE is uvx://PACKAGE[@VERSION], \
            npx://PACKAGE[@VERSION], exec:PATH or a container image.

            EXAMPLES
              vmcp run uvx://mcp-server-time --group tools -- --local-timezone UTC
              vmcp run ghcr.io/example/fetch:1.2 --group tools --transport streamable-http
              vmcp run ghcr.io/github/github-mcp-server --group tools --secret GITHUB_PERSONAL_ACCESS_TOKEN -- stdio
              vmcp run docker.io/mcp/filesystem --group tools --volume ~/notes:/notes:ro --permission-profile none -- /notes
            """)

    enum Transport: String, ExpressibleByArgument, CaseIterable {
        case stdio, sse
        case streamableHTTP = "streamable-http"
    }

    enum Profile: String, ExpressibleByArgument, CaseIterable { case none, network }

    @Argument(help: "What to run.") var image: String
    @Argument(help: "Arguments of the server, after --.") var arguments: [String] = []

    @Option(name: .shortAndLong, help: "The group; vmcp group create makes one.") var group: String
    @Option(help: "What to call the server; the last part of the image when absent.") var name: String?
    @Option(help: "How the server itself speaks: stdio, sse or streamable-http.") var transport: Transport = .stdio

    @Option(name: .customLong("port"), help: "Where it listens, with sse and streamable-http.") var port: UInt16?

    @Option(
        name: [.customShort("e"), .long],
        help: ArgumentHelp(
            "A variable of the server; without a value that of this shell; repeatable.", valueName: "name=value"))
    var env: [String] = []

    @Option(
        help: ArgumentHelp(
            "A variable whose value is secret and comes from this shell; it is written as a Secret; repeatable.",
            valueName: "name"))
    var secret: [String] = []

    @Option(
        name: [.customShort("v"), .long],
        help: ArgumentHelp("A folder or file for a container; repeatable.", valueName: "source:target[:ro]"))
    var volume: [String] = []

    @Option(help: "What a container may reach: none, or network when absent.") var permissionProfile: Profile?

    @Option(help: ArgumentHelp("A folder of plugin folders, or one plugin's folder; repeatable.", valueName: "dir"))
    var plugins: [String] = []

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = try GroupStore.current.group(group)
        let document = try document(environment)
        try await ServerArrival(document.name, in: folder).take {
            try folder.add(document) { paths in
                let assembly = try GatewayAssembly(
                    AssemblyOptions(paths: paths, pluginFolders: plugins, environment: environment),
                    log: Log.make(debug: false))
                let settings = try assembly.load().checked()
                guard settings.notImplemented.isEmpty else {
                    for feature in settings.notImplemented { Terminal.complain("\(feature)") }
                    throw AlreadyReported(description: "the server asks for what this version does not do")
                }
            }
        }
    }

    private func document(_ environment: [String: String]) throws -> ServerDocument {
        let name = name ?? ServerDocument.name(of: image)
        try GroupStore.check(name, "a server (--name)")
        var document = ServerDocument(
            name: name, group: group, image: Self.located(image), transport: transport.rawValue)
        document.arguments = arguments
        document.port = port.map(Int.init)
        document.profile = permissionProfile?.rawValue
        document.environment = try env.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2 { return (parts[0], parts[1]) }
            return (text, try Self.value(of: text, environment, "--env"))
        }
        document.secrets = try secret.map { ($0, try Self.value(of: $0, environment, "--secret")) }
        document.volumes = try volume.map(Self.volume)
        return document
    }

    private static func value(of name: String, _ environment: [String: String], _ option: String) throws -> String {
        if let value = environment[name] { return value }
        throw ValidationError("\(option) \(name): expected a variable of this shell, found none; export it first")
    }

    /// A path of a program starts where the user is, not at the folder of the group.
    private static func located(_ image: String) -> String {
        guard image.hasPrefix("exec:"), image.contains("/") else { return image }
        return "exec:" + absolute(String(image.dropFirst(5)))
    }

    private static func volume(_ text: String) throws -> ServerDocument.Volume {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 || (parts.count == 3 && ["ro", "rw"].contains(parts[2])), !parts[0].isEmpty,
            parts[1].hasPrefix("/")
        else {
            throw ValidationError(
                "--volume: expected SOURCE:TARGET or SOURCE:TARGET:ro, TARGET absolute, found \"\(text)\"")
        }
        return ServerDocument.Volume(
            source: absolute(parts[0]), target: parts[1], isReadOnly: parts.count == 3 && parts[2] == "ro")
    }

    private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}
