package import PluginAPI

/// Makes plugins of libraries that know nothing of us, from descriptions alone.
package protocol LibraryDescriber: Sendable {
    /// Binds a library in this process, or prepares its child process, and presents it as a plugin.
    /// - Throws: ``PluginLoadError/Reason/badDescription`` with everything that cannot be bound.
    func table(of library: DescribedLibrary) throws(PluginLoadError) -> UnsafePointer<vmcp_plugin>

    /// Binds a library in a child process and makes the calls that its description wants tried.
    /// - Returns: A line for each of them.
    func probe(_ library: DescribedLibrary) throws(PluginLoadError) -> [String]
}

/// A library with its description.
package struct DescribedLibrary: Sendable, Equatable {
    /// Of the description.
    package let manifestPath: String
    /// What the description says.
    package let text: String
    /// A path, or a name that the dynamic linker looks up.
    package let library: String
}

extension PluginManifest {
    /// The library of a description, checked as far as files go: one that lies beside the description must be one that the
    /// process may load. `nil` for the manifest of a compiled plugin.
    func describedLibrary() throws(PluginLoadError) -> DescribedLibrary? {
        guard let text = describedText else { return nil }
        let beside = FilePath.join(folder, library)
        guard library.contains("/") || FilePath.exists(beside) else {
            // The linker's own folders belong to root.
            if let sha256 {
                throw PluginLoadError(
                    .digestMismatch, path: path, expected: "a library in the folder for the digest \(sha256)",
                    found: "the system's \(library)",
                    advice: "copy the library beside the description, or remove sha256")
            }
            return DescribedLibrary(manifestPath: path, text: text, library: library)
        }
        let file = try PluginFile(opening: beside, what: "library")
        if let sha256 { try FileDigest.check(file, sha256) }
        return DescribedLibrary(manifestPath: path, text: text, library: file.path)
    }
}
