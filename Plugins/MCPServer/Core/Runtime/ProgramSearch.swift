package import PluginKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds the program of a server before it is started, so that its absence is told with what to do about it.
package struct ProgramSearch: Sendable {
    /// The environment of the gateway.
    package var environment: @Sendable (String) -> String?
    /// Whether a file can be executed.
    package var isExecutable: @Sendable (String) -> Bool

    /// Looks at this machine.
    package static let system = ProgramSearch(
        environment: { name in getenv(name).map { String(cString: $0) } },
        isExecutable: { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
        })

    /// Makes a search over what the closures answer.
    package init(
        environment: @escaping @Sendable (String) -> String?, isExecutable: @escaping @Sendable (String) -> Bool
    ) {
        self.environment = environment
        self.isExecutable = isExecutable
    }

    /// The path of an image's program.
    ///
    /// - Parameters:
    ///   - path: PATH of the server, when the resource sets one.
    ///   - baseDirectory: Where relative paths start.
    /// - Throws: ``PluginError`` that says what was looked for, where, and how to get it.
    package func program(
        of image: ImageReference, path: String?, baseDirectory: String
    ) throws(PluginError) -> String {
        if let name = image.override, let found = environment(name), !found.isEmpty {
            guard isExecutable(found) else {
                throw PluginError(.unavailable, "\(name): expected an executable file, found '\(found)'")
            }
            return found
        }
        let program = image.program
        if program.contains("/") {
            let full = program.hasPrefix("/") || baseDirectory.isEmpty ? program : "\(baseDirectory)/\(program)"
            guard isExecutable(full) else {
                throw PluginError(
                    .unavailable, "spec.image: expected an executable file at '\(full)': \(image.advice)")
            }
            return full
        }
        let folders = path ?? environment("PATH") ?? ""
        for folder in folders.split(separator: ":") {
            let candidate = "\(folder)/\(program)"
            if isExecutable(candidate) { return candidate }
        }
        throw PluginError(.unavailable, "spec.image: '\(program)' is not on PATH: \(image.advice)")
    }
}
