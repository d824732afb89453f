import Yams

/// What `plugin.yaml` says about the plugin beside it.
///
/// ```yaml
/// id: weather
/// version: 1.0.0
/// library: libWeather.so        # in this folder, or, by its bare name, beside the executable
/// provides: [vmcp.backend/1]
/// kinds: [WeatherServer]        # resource kinds a backend plugin serves
/// strategies: [hmac]            # types of outgoing authentication an auth plugin serves
/// perCaller: [hmac]             # those strategies whose credential is each caller's own
/// embeddings: [tei]             # names of embedding providers (`optimizer.embeddingProvider`) it serves
/// sha256: 9f86d0…               # optional, of the library
/// ```
package struct PluginManifest: Sendable, Equatable {
    /// Name of the file in each plugin's folder.
    package static let fileName = "plugin.yaml"
    /// Largest manifest read, in bytes.
    static let sizeLimit = 1 << 20

    /// The manifest's own path.
    package let path: String
    package let id: String
    package let version: String
    package let library: String
    /// Capability ids, such as `vmcp.backend/1`.
    package let provides: [String]
    /// Resource kinds; empty unless the plugin provides `vmcp.backend/1`.
    package let kinds: [String]
    /// Types of outgoing authentication, such as `token_exchange`; empty unless the plugin provides `vmcp.auth/1`.
    package let strategies: [String]
    /// The ones among ``strategies`` that send each caller's own credential, so that what a backend lists may depend on who
    /// asks.
    package let perCaller: [String]
    /// Embedding providers, such as `tei`; empty unless the plugin provides `vmcp.embedding/1`.
    package let embeddings: [String]
    /// Digest of the library in lower-case hexadecimal digits.
    package let sha256: String?
    /// The whole text when it describes the functions of a library that is no plugin by itself.
    package let describedText: String?

    /// Folder of the manifest.
    package var folder: String { FilePath.folder(of: path) }

    package init(
        path: String, id: String, version: String, library: String, provides: [String], kinds: [String] = [],
        strategies: [String] = [], perCaller: [String] = [], embeddings: [String] = [], sha256: String? = nil,
        describedText: String? = nil
    ) {
        self.path = path
        self.id = id
        self.version = version
        self.library = library
        self.provides = provides
        self.kinds = kinds
        self.strategies = strategies
        self.perCaller = perCaller
        self.embeddings = embeddings
        self.sha256 = sha256
        self.describedText = describedText
    }

    /// Reads the manifest of a plugin folder.
    /// - Throws: ``PluginLoadError`` about the file (missing, not to be trusted) or with all that is wrong in it.
    package init(path: String) throws(PluginLoadError) {
        let file = try PluginFile(opening: path, what: "plugin manifest", missing: .manifestMissing)
        let bytes = try file.contents(limit: Self.sizeLimit)
        try self.init(path: path, text: String(decoding: bytes, as: UTF8.self))
    }

    /// Reads the text of a manifest.
    /// - Throws: ``PluginLoadError/Reason/badManifest`` with every error, each with line and column.
    package init(path: String, text: String) throws(PluginLoadError) {
        let reader: ManifestReader
        do {
            reader = try ManifestReader(text: text)
        } catch {
            throw Self.bad(path, ["\(error)"])
        }
        var read = reader
        let manifest = PluginManifest(
            path: path, id: read.text("id", Self.checkID), version: read.text("version", Self.checkText),
            library: read.text("library", Self.checkLibrary),
            provides: read.list("provides", isRequired: true, Self.checkCapability),
            kinds: read.list("kinds", isRequired: false, Self.checkKind),
            strategies: read.list("strategies", isRequired: false, Self.checkStrategy),
            perCaller: read.list("perCaller", isRequired: false, Self.checkStrategy),
            embeddings: read.list("embeddings", isRequired: false, Self.checkEmbedding),
            sha256: read.optionalText("sha256", Self.checkDigest)?.lowercased(),
            describedText: read.has("functions") ? text : nil)
        // The other keys of a description are checked with it.
        if manifest.describedText == nil { read.refuseUnknownKeys() }
        let isBackend = manifest.provides.contains("vmcp.backend/1")
        if isBackend, manifest.kinds.isEmpty, !read.has("kinds") {
            read.problem("kinds", "a plugin that provides vmcp.backend/1 lists the resource kinds it serves")
        } else if !isBackend, !manifest.kinds.isEmpty {
            read.problem("kinds", "only a plugin that provides vmcp.backend/1 serves resource kinds")
        }
        if !manifest.provides.contains("vmcp.auth/1"), !manifest.strategies.isEmpty {
            read.problem("strategies", "only a plugin that provides vmcp.auth/1 serves outgoing authentication")
        }
        let foreign = manifest.perCaller.filter { !manifest.strategies.contains($0) }
        if !foreign.isEmpty {
            read.problem("perCaller", "expected strategies of this plugin, found \(foreign.joined(separator: ", "))")
        }
        if !manifest.provides.contains("vmcp.embedding/1"), !manifest.embeddings.isEmpty {
            read.problem("embeddings", "only a plugin that provides vmcp.embedding/1 serves embedding providers")
        }
        guard read.problems.isEmpty else { throw Self.bad(path, read.problems) }
        self = manifest
    }

    private static func bad(_ path: String, _ problems: [String]) -> PluginLoadError {
        PluginLoadError(
            .badManifest, path: path, expected: "a plugin manifest", found: problems.joined(separator: "; "),
            advice: "correct the manifest")
    }

    // MARK: Rules; each answers what is wrong.

    static func checkID(_ id: String) -> String? {
        let allowed = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard allowed, !id.isEmpty, id.utf8.count <= 64, !id.hasPrefix("."), !id.hasPrefix("-") else {
            return "1 to 64 lower-case letters, digits, '-' and '.', beginning with a letter or digit"
        }
        return nil
    }

    private static func checkText(_ text: String) -> String? {
        text.isEmpty || text.utf8.count > 128 || text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
            ? "1 to 128 characters" : nil
    }

    /// A manifest must not lead out of its folder: `library: ../../tmp/x.so` would load what the folder's owner never
    /// put there.
    private static func checkLibrary(_ library: String) -> String? {
        let parts = library.split(separator: "/", omittingEmptySubsequences: false)
        let bad = parts.contains { $0.isEmpty || $0 == "." || $0 == ".." } || library.utf8.contains { $0 < 0x20 }
        return bad ? "a file name, or a path inside the manifest's folder without '.' and '..'" : nil
    }

    private static func checkCapability(_ id: String) -> String? {
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, checkID(String(parts[0])) == nil, UInt16(parts[1]) != nil else {
            return "capability ids such as vmcp.backend/1"
        }
        return nil
    }

    private static func checkKind(_ kind: String) -> String? {
        let isName = kind.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: false
            }
        }
        let startsUpper = kind.utf8.first.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ?? false
        return isName && startsUpper && kind.utf8.count <= 63 ? nil : "resource kinds such as MCPServer"
    }

    private static func checkStrategy(_ type: String) -> String? {
        isTypeName(type)
            ? nil : "types of outgoing authentication such as token_exchange: lower-case letters, digits and '_'"
    }

    private static func checkEmbedding(_ provider: String) -> String? {
        isTypeName(provider) ? nil : "names of embedding providers such as tei: lower-case letters, digits and '_'"
    }

    private static func isTypeName(_ name: String) -> Bool {
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        return isName && !name.isEmpty && name.utf8.count <= 63
    }

    private static func checkDigest(_ digest: String) -> String? {
        digest.utf8.count == 64 && digest.allSatisfy(\.isHexDigit) ? nil : "64 hexadecimal digits"
    }
}
