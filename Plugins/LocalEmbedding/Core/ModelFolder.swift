package import PluginKit

/// What `make model` made: a folder with a model, its vocabulary and the runtime, and a manifest with their digests.
package struct ModelFolder: Sendable {
    /// The manifest's name.
    package static let manifestName = "model.json"
    /// Said when something is missing or wrong.
    static let advice = "run `make model`, or name the folder of a model with VMCP_MODEL_DIR"

    /// What a file is for, as the manifest names it.
    enum Role: String, CaseIterable { case model, vocabulary, runtime }

    /// Identity of the model, such as `all-MiniLM-L6-v2/int8/0a1b2c3d4e5f`.
    package let identity: String
    /// Floats a vector.
    package let dimensions: Int
    /// Most tokens of a text that the model was trained for, 2 to 512.
    package let maximumTokens: Int
    private let files: [Role: ModelFile]

    /// Reads the manifest, and nothing else yet.
    ///
    /// - Throws: ``PluginError``: `notFound` when there is none, `invalid` when it is no such manifest.
    package init(_ folder: String) throws(PluginError) {
        let path = "\(folder)/\(Self.manifestName)"
        func wrong(_ why: String) -> PluginError { PluginError(.invalid, "\(path): \(why); \(Self.advice)") }
        guard ModelFile.exists(path) else {
            throw PluginError(.notFound, "no embedding model in \(folder); \(Self.advice)")
        }
        let manifest: JSONValue
        do {
            manifest = try JSONValue(json: try ModelFile(path: path).contents())
        } catch {
            throw wrong(error.message)
        }
        guard manifest["format"]?.integer == 1, let identity = manifest["model"]?.string, !identity.isEmpty,
            let dimensions = manifest["dimensions"]?.integer, (1...65_536).contains(dimensions),
            let maximumTokens = manifest["maxTokens"]?.integer, (2...512).contains(maximumTokens)
        else { throw wrong("expected format 1 with model, dimensions and maxTokens (2 to 512)") }
        var files: [Role: ModelFile] = [:]
        for role in Role.allCases {
            let entry = manifest["files"]?[role.rawValue]
            guard let name = entry?["file"]?.string, !name.isEmpty, !name.contains("/"), !name.hasPrefix("."),
                let bytes = entry?["bytes"]?.integer, let digest = entry?["sha256"]?.string
            else { throw wrong("expected files.\(role.rawValue) with file (a name in the folder), bytes and sha256") }
            files[role] = ModelFile(path: "\(folder)/\(name)", bytes: bytes, digest: digest)
        }
        self.identity = identity
        self.dimensions = dimensions
        self.maximumTokens = maximumTokens
        self.files = files
    }

    /// The content of a file that is as the manifest says.
    ///
    /// - Throws: ``PluginError`` that names the file, what was expected and what was found.
    func contents(_ role: Role) throws(PluginError) -> [UInt8] { try file(role).contents() }

    /// The path of a file, once it was found to be as the manifest says.
    ///
    /// - Throws: ``PluginError`` that names the file, what was expected and what was found.
    func checkedPath(_ role: Role) throws(PluginError) -> String {
        let file = try file(role)
        try file.check()
        return file.path
    }

    private func file(_ role: Role) throws(PluginError) -> ModelFile {
        guard let file = files[role] else { throw PluginError(.internalError, "no file for \(role.rawValue)") }
        return file
    }
}
