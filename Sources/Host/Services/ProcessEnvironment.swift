import CPosix

/// The environment variables of this process.
package enum ProcessEnvironment {
    /// A copy; entries that are not UTF-8 are left out. Nothing in this process changes its environment.
    package static var current: [String: String] {
        var variables: [String: String] = [:]
        var entry = cposix_environment()
        while let text = entry?.pointee {
            if let line = String(validatingCString: text), let equals = line.firstIndex(of: "=") {
                variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
            entry = entry?.advanced(by: 1)
        }
        return variables
    }
}
