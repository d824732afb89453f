import Logging
import Synchronization

/// The plugins that were found, each loaded when it is first needed.
///
/// A plugin that is refused stays listed with its reason and harms nothing but the resources that need it.
final class PluginRegistry: Sendable {
    private enum Entry: Sendable {
        case unreadable(path: String, PluginLoadError)
        case available(PluginManifest)
        case loaded(PluginImage)
        case refused(PluginManifest, PluginLoadError)

        var manifest: PluginManifest? {
            switch self {
            case .unreadable: nil
            case .available(let manifest), .refused(let manifest, _): manifest
            case .loaded(let image): image.manifest
            }
        }

        var report: PluginReport {
            switch self {
            case .unreadable(let path, let error): PluginReport(path: path, error: error)
            case .available(let manifest): PluginReport(manifest: manifest)
            case .loaded(let image): PluginReport(image: image)
            case .refused(let manifest, let error): PluginReport(manifest: manifest, error: error)
            }
        }
    }

    // Loading happens under the lock: a library is loaded once, and whoever else needs a plugin waits for it.
    private let entries: Mutex<[Entry]>
    private let search: PluginSearch
    private let limits: PluginLimits
    private let logger: Logger
    private let describer: (any LibraryDescriber)?
    /// Sentences about folders that cannot serve and plugins that are there twice.
    let warnings: [String]

    init(search: PluginSearch, limits: PluginLimits, logger: Logger, describer: (any LibraryDescriber)?) {
        self.describer = describer
        self.search = search
        self.limits = limits
        self.logger = logger
        let found = search.find()
        var warnings = found.warnings
        var entries: [Entry] = []
        var ids: [String: String] = [:]
        var kinds: [String: PluginManifest] = [:]
        var strategies: [String: PluginManifest] = [:]
        var embeddings: [String: PluginManifest] = [:]
        // The first of several is used.
        func claim(
            _ names: [String], _ what: String, _ manifest: PluginManifest, in servers: inout [String: PluginManifest]
        ) {
            for name in names {
                if let first = servers[name] {
                    warnings.append(
                        "the \(what) \(name) is served twice: by \(first.id) (\(first.path)), which is used, and by "
                            + "\(manifest.id) (\(manifest.path))")
                } else {
                    servers[name] = manifest
                }
            }
        }
        for path in found.manifests {
            let manifest: PluginManifest
            do {
                manifest = try PluginManifest(path: path)
            } catch {
                entries.append(.unreadable(path: path, error))
                continue
            }
            if let first = ids[manifest.id] {
                warnings.append("the plugin \(manifest.id) is there twice: \(first) is used, \(path) is not")
                continue
            }
            ids[manifest.id] = path
            claim(manifest.kinds, "kind", manifest, in: &kinds)
            claim(manifest.strategies, "strategy", manifest, in: &strategies)
            claim(manifest.embeddings, "embedding provider", manifest, in: &embeddings)
            entries.append(.available(manifest))
        }
        self.entries = Mutex(entries)
        self.warnings = warnings
    }

    var reports: [PluginReport] { entries.withLock { $0.map(\.report) } }

    /// Kinds with the id of the plugin that serves each.
    var kinds: [String: String] { servers(\.kinds) }
    /// Types of outgoing authentication with the id of the plugin that serves each.
    var strategies: [String: String] { servers(\.strategies) }
    /// Types of outgoing authentication that send each caller's own credential.
    var callerStrategies: Set<String> {
        let servers = strategies
        return entries.withLock { entries in
            Set(
                entries.compactMap(\.manifest).flatMap { manifest in
                    manifest.perCaller.filter { servers[$0] == manifest.id }
                })
        }
    }
    /// Embedding providers with the id of the plugin that serves each.
    var embeddings: [String: String] { servers(\.embeddings) }

    /// What manifests list, with the id of the first plugin that does.
    private func servers(_ names: (PluginManifest) -> [String]) -> [String: String] {
        entries.withLock { entries in
            var servers: [String: String] = [:]
            for manifest in entries.compactMap(\.manifest) {
                for name in names(manifest) where servers[name] == nil { servers[name] = manifest.id }
            }
            return servers
        }
    }

    /// The plugin that serves a kind, loaded.
    func image(forKind kind: String) throws(PluginLoadError) -> PluginImage {
        try image(serving: kind, of: kinds, "kind", plugins: "backend", field: "the kind")
    }

    /// The plugin that serves a type of outgoing authentication, loaded.
    func image(forStrategy type: String) throws(PluginLoadError) -> PluginImage {
        try image(serving: type, of: strategies, "strategy", plugins: "auth", field: "the type")
    }

    /// The plugin that serves an embedding provider, loaded.
    func image(forEmbedding provider: String) throws(PluginLoadError) -> PluginImage {
        try image(
            serving: provider, of: embeddings, "embedding provider", plugins: "embedding", field: "embeddingProvider")
    }

    private func image(
        serving name: String, of servers: [String: String], _ what: String, plugins: String, field: String
    ) throws(PluginLoadError) -> PluginImage {
        if let id = servers[name] { return try image(id: id) }
        let known = servers.keys.sorted().joined(separator: ", ")
        throw PluginLoadError(
            .noPlugin, path: name, expected: "a plugin that serves the \(what) \(name)",
            found: known.isEmpty ? "no \(plugins) plugins at all" : "plugins for \(known)",
            advice: "add its folder with --plugins, or correct \(field)")
    }

    /// A plugin by its id, loaded.
    /// - Throws: ``PluginLoadError``; a plugin that was refused stays refused, with the same error.
    func image(id: String) throws(PluginLoadError) -> PluginImage {
        let result = entries.withLock { entries -> Result<PluginImage, PluginLoadError>? in
            for index in entries.indices where entries[index].report.id == id {
                switch entries[index] {
                case .unreadable(_, let error), .refused(_, let error): return .failure(error)
                case .loaded(let image): return .success(image)
                case .available(let manifest):
                    do throws(PluginLoadError) {
                        let image = try load(manifest)
                        entries[index] = .loaded(image)
                        return .success(image)
                    } catch {
                        entries[index] = .refused(manifest, error)
                        return .failure(error)
                    }
                }
            }
            return nil
        }
        guard let result else {
            let known = reports.map(\.id).sorted().joined(separator: ", ")
            throw PluginLoadError(
                .noPlugin, path: id, expected: "a plugin with this id", found: known.isEmpty ? "no plugins" : known,
                advice: "add its folder with --plugins, or correct the id")
        }
        return try result.get()
    }

    /// Loads a plugin that is not one of those found: a folder, a manifest or a library.
    ///
    /// A library without a manifest beside it that names it is checked as far as it goes by itself.
    /// - Returns: The image, and a line for each call that a description wants tried.
    func check(path: String) throws(PluginLoadError) -> (PluginImage, probes: [String]) {
        if FilePath.isFolder(path) || FilePath.name(of: path) == PluginManifest.fileName {
            let file = FilePath.isFolder(path) ? FilePath.join(path, PluginManifest.fileName) : path
            return try probe(try PluginManifest(path: file))
        }
        let beside = FilePath.join(FilePath.folder(of: path), PluginManifest.fileName)
        if FilePath.exists(beside) {
            let manifest = try PluginManifest(path: beside)
            if manifest.library == FilePath.name(of: path) { return try probe(manifest) }
        }
        return (try PluginImage(library: path, limits: limits, logger: logger), [])
    }

    /// A described library is tried in a child process first: a wrong signature ends the child.
    private func probe(_ manifest: PluginManifest) throws(PluginLoadError) -> (PluginImage, probes: [String]) {
        guard let described = try manifest.describedLibrary(), let describer else { return (try load(manifest), []) }
        let probes = try describer.probe(described)
        return (try load(manifest), probes)
    }

    private func load(_ manifest: PluginManifest) throws(PluginLoadError) -> PluginImage {
        guard let described = try manifest.describedLibrary() else {
            return try PluginImage(
                manifest: manifest, fallback: search.executableFolder, limits: limits, logger: logger)
        }
        guard let describer else {
            throw PluginLoadError(
                .badDescription, path: manifest.path, expected: "a compiled plugin",
                found: "a description of a library",
                advice: "use a gateway that can bind described libraries")
        }
        return try PluginImage(
            table: try describer.table(of: described), path: described.library, manifest: manifest, limits: limits,
            logger: logger)
    }
}
