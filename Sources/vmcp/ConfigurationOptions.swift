import ArgumentParser
import Foundation
import Host
import HostConfiguration

/// What every command that reads a configuration takes.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: [.customShort("c"), .long],
        help: ArgumentHelp(
            "A vMCP file, a file of custom resources, or a folder of them; repeatable.", valueName: "path"))
    var config: [String] = []

    @Option(help: "Which VirtualMCPServer to take when there are several.")
    var name: String?

    @Option(
        help: ArgumentHelp("A folder of plugin folders, or one plugin's folder; repeatable.", valueName: "dir"))
    var plugins: [String] = []

    @Option(help: "Where the configuration will run, which decides on private addresses: local or cluster.")
    var target: TargetOption = .local

    @Flag(help: "Permit backends on private and loopback addresses (also VMCP_ALLOW_PRIVATE_BACKENDS=true).")
    var allowPrivateBackends = false

    @Flag(help: "Log more.")
    var debug = false

    enum TargetOption: String, ExpressibleByArgument, CaseIterable { case local, cluster }

    /// - Parameters:
    ///   - listensOnLoopback: Whether the gateway will listen on a loopback address.
    ///   - optimizes: `--optimizer`.
    ///   - embedding: `--optimizer-embedding`.
    ///   - keepsLines: Whether what backends log is kept for a while.
    func options(
        listensOnLoopback: Bool = true, optimizes: Bool = false, embedding: AssemblyOptions.Embedding? = nil,
        keepsLines: Bool = false
    ) throws -> AssemblyOptions {
        guard !config.isEmpty else {
            throw ValidationError("no configuration: give --config with a file or a folder")
        }
        return AssemblyOptions(
            paths: config, name: name, pluginFolders: plugins, target: target == .local ? .local : .cluster,
            allowPrivateBackends: allowPrivateBackends, listensOnLoopback: listensOnLoopback, optimizes: optimizes,
            embedding: embedding, keepsLines: keepsLines, environment: ProcessInfo.processInfo.environment)
    }

    func assembly(
        listensOnLoopback: Bool = true, optimizes: Bool = false, embedding: AssemblyOptions.Embedding? = nil,
        keepsLines: Bool = false
    ) throws -> GatewayAssembly {
        try GatewayAssembly(
            try options(
                listensOnLoopback: listensOnLoopback, optimizes: optimizes, embedding: embedding, keepsLines: keepsLines
            ),
            log: Log.make(debug: debug))
    }
}

/// What ends a command after everything was said.
struct AlreadyReported: Error, CustomStringConvertible {
    let description: String
}

extension LoadResult {
    /// Prints warnings and errors to standard error, and takes over how much is to be logged.
    /// - Throws: When there are errors.
    func checked() throws -> GatewayConfiguration {
        for diagnostic in diagnostics { Terminal.complain("\(diagnostic)") }
        guard let configuration, errors.isEmpty else {
            throw AlreadyReported(
                description: "invalid configuration: \(errors.count) error\(errors.count == 1 ? "" : "s")")
        }
        if configuration.operational.logsDebug { Log.showDebug() }
        return configuration
    }
}
