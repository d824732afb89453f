import Foundation

/// Runs a command of `vmcp` to its end over some resources.
enum VMCPCommand {
    /// - Parameter arguments: After `--config FILE --plugins DIR`.
    static func run(
        _ command: String, _ resources: Resources, plugins: [URL] = [], _ arguments: [String] = []
    ) async throws -> (status: Int32, output: String, errors: String) {
        try await run(command, yaml: resources.yaml, plugins: plugins, arguments)
    }

    /// As above, with the text of the file.
    static func run(
        _ command: String, yaml: String, plugins: [URL] = [], _ arguments: [String] = []
    ) async throws -> (status: Int32, output: String, errors: String) {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "resources.yaml")
            try Data(yaml.utf8).write(to: file)
            var all = [command, "--config", file.path]
            for folder in [Places.plugins] + plugins { all += ["--plugins", folder.path] }
            let ran = try await ChildProcess.run(Places.vmcp.path, all + arguments)
            KnownSecrets.check(ran.output, of: "the output of vmcp \(command)")
            KnownSecrets.check(ran.errors, of: "the errors of vmcp \(command)")
            return ran
        }
    }
}
