/// Why a library could not serve as a plugin, or a plugin could not serve a resource.
package struct PluginLoadError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The first check that failed.
    package enum Reason: String, Sendable, CaseIterable {
        // The manifest.
        case manifestMissing, badManifest, badDescription
        // The file.
        case missingFile, unreadable, notAFile, untrustedOwner, worldWritable, digestMismatch, notALibrary
        case foreignArchitecture
        // The image.
        case notLoadable, noEntry, entryRefused, tooManyPlugins
        // The table.
        case wrongMagic, wrongMajor, tableTooSmall, missingFunction, badTable
        // The table against the manifest.
        case wrongID, wrongVersion, wrongProvides
        // The configuration.
        case badSchema, badConfiguration
        // The instance.
        case noPlugin, createFailed, startFailed, startTimedOut, missingCapability
    }

    package let reason: Reason
    /// The library, the manifest, or the resource.
    package let path: String
    package let expected: String
    package let found: String
    /// What to do about it.
    package let advice: String

    package init(_ reason: Reason, path: String, expected: String, found: String, advice: String) {
        self.reason = reason
        self.path = path
        self.expected = expected
        self.found = found
        self.advice = advice
    }

    package var description: String {
        "\(path): expected \(expected), found \(found); \(advice) (\(reason.rawValue))"
    }
}
