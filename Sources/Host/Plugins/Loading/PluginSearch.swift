/// Where plugins are looked for: folders that each hold one plugin, described by its `plugin.yaml`.
///
/// In this order, where the first plugin of an id wins:
/// 1. folders given on the command line (`--plugins DIR`): `DIR` is a plugin's folder, or holds such folders;
/// 2. `VMCP_PLUGIN_PATH`, such folders with colons between them;
/// 3. `plugins` beside the executable, and the executable's own folder.
package struct PluginSearch: Sendable {
    /// The environment variable.
    package static let variable = "VMCP_PLUGIN_PATH"

    package var commandLine: [String]
    package var environment: [String]
    /// Also where a bare library name is looked up when it is not beside its manifest; `nil` = unknown.
    package var executableFolder: String?

    /// - Parameters:
    ///   - commandLine: The values of `--plugins`, in their order.
    ///   - pluginPath: The value of `VMCP_PLUGIN_PATH`.
    ///   - executableFolder: Default: that of the running executable.
    package init(
        commandLine: [String] = [], pluginPath: String? = nil,
        executableFolder: String? = PluginSearch.ownFolder
    ) {
        self.commandLine = commandLine
        environment = (pluginPath ?? "").split(separator: ":").map(String.init)
        self.executableFolder = executableFolder
    }

    /// Folder of the running executable, without symbolic links.
    package static var ownFolder: String? { FilePath.executableFolder() }

    /// What was found.
    package struct Found: Sendable, Equatable {
        /// Paths of manifests, in the order of precedence, none twice.
        package var manifests: [String] = []
        /// Sentences about folders that are named but cannot serve.
        package var warnings: [String] = []
    }

    package func find() -> Found {
        var found = Found()
        var seen: Set<String> = []
        func take(_ folder: String) -> Bool {
            let manifest = FilePath.join(folder, PluginManifest.fileName)
            guard FilePath.exists(manifest) else { return false }
            if seen.insert(FilePath.resolved(manifest) ?? manifest).inserted { found.manifests.append(manifest) }
            return true
        }
        func takeAll(in folder: String) -> Bool {
            var any = false
            // Hidden folders are those of editors and version control.
            for name in FilePath.names(in: folder) where !name.hasPrefix(".") {
                let inner = FilePath.join(folder, name)
                if FilePath.isFolder(inner), take(inner) { any = true }
            }
            return any
        }
        for (origin, folders) in [("--plugins", commandLine), (Self.variable, environment)] {
            for folder in folders {
                if !FilePath.isFolder(folder) {
                    found.warnings.append("\(origin) names \(folder), which is not a folder")
                } else if !take(folder), !takeAll(in: folder) {
                    found.warnings.append("\(origin) names \(folder), where no folder has a \(PluginManifest.fileName)")
                }
            }
        }
        if let executableFolder {
            _ = takeAll(in: FilePath.join(executableFolder, "plugins"))
            _ = takeAll(in: executableFolder)
        }
        return found
    }
}
