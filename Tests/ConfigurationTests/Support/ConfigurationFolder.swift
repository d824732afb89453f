import Foundation

@testable import HostConfiguration

/// A folder of configuration files that lives as long as the value.
final class ConfigurationFolder {
    let path: String

    /// - Parameter files: Texts by file name.
    init(_ files: [String: String]) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vmcp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("could not remove \(path): \(error)")
        }
    }

    /// The sources of a test: all kinds of ours are served, as with the plugins beside the executable.
    static func sources(_ paths: [String]) -> ConfigurationSources {
        ConfigurationSources(
            paths: paths,
            servedKinds: [
                "MCPServer": ServedKind(pluginID: "mcpserver"),
                "MCPRemoteProxy": ServedKind(pluginID: "mcpremoteproxy"),
                "MCPServerEntry": ServedKind(pluginID: "mcpremoteproxy"),
            ])
    }
}

/// Loads texts as the files of one folder; places name the files without the folder.
func load(
    files: [String: String], _ adjust: (inout ConfigurationSources) -> Void = { _ in }
) throws -> LoadResult {
    let folder = try ConfigurationFolder(files)
    var sources = ConfigurationFolder.sources([folder.path])
    adjust(&sources)
    let result = loadConfiguration(sources)
    let diagnostics = result.diagnostics.map { diagnostic in
        Diagnostic(
            severity: diagnostic.severity, file: diagnostic.file.replacingOccurrences(of: folder.path + "/", with: ""),
            line: diagnostic.line, column: diagnostic.column, path: diagnostic.path,
            message: diagnostic.message.replacingOccurrences(of: folder.path + "/", with: ""))
    }
    return LoadResult(configuration: result.configuration, diagnostics: diagnostics)
}

/// Loads one text as the only file, `test.yaml`.
func load(_ text: String, _ adjust: (inout ConfigurationSources) -> Void = { _ in }) throws -> LoadResult {
    try load(files: ["test.yaml": text], adjust)
}
