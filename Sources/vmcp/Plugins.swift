import ArgumentParser
import Foundation
import Host
import HostPlugins

struct Plugins: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, inspect and check plugins.",
        discussion: """
            EXAMPLES
              vmcp plugins list
              vmcp plugins inspect mcp-server
              vmcp plugins check ./my-plugin
            """,
        subcommands: [List.self, Inspect.self, Check.self])

    struct Folders: ParsableArguments {
        @Option(
            help: ArgumentHelp("A folder of plugin folders, or one plugin's folder; repeatable.", valueName: "dir"))
        var plugins: [String] = []

        @Flag(help: "Print JSON.")
        var json = false

        func host() throws -> PluginHost {
            let options = AssemblyOptions(pluginFolders: plugins, environment: ProcessInfo.processInfo.environment)
            return try GatewayAssembly(options, log: Log.make(debug: false)).plugins
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the plugins found, and those refused with why.")
        @OptionGroup var folders: Folders

        func run() async throws {
            let reports = try folders.host().plugins()
            print(folders.json ? PluginReportText.json(reports) : PluginReportText.table(reports))
        }
    }

    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show everything known of one plugin.")
        @OptionGroup var folders: Folders
        @Argument(help: "The plugin's id.") var id: String

        func run() async throws {
            let report = try folders.host().inspect(id)
            print(folders.json ? PluginReportText.json([report]) : PluginReportText.details(report))
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Load a plugin and go through every check; exit 1 names the first that fails.")
        @OptionGroup var folders: Folders
        @Argument(help: "The plugin's folder, its plugin.yaml or its library.") var path: String

        func run() async throws {
            let report = try folders.host().check(path)
            print(folders.json ? PluginReportText.json([report]) : PluginReportText.details(report))
        }
    }
}
