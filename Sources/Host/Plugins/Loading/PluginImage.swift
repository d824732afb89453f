import CPosix
package import Logging
import PluginAPI
import Synchronization

/// A loaded plugin library, from the handshake until the process ends.
///
/// The image is never unloaded: the Swift runtime keeps pointers into every image that holds Swift metadata, so
/// `dlclose` would leave them dangling.
package final class PluginImage: Sendable {
    /// The library, without symbolic links.
    package let path: String
    package let manifest: PluginManifest
    let table: PluginTable
    let schema: ConfigSchema?
    let ledger: PluginLedger
    let logger: Logger
    /// Where its functions run when they may block.
    let pool: BlockingPool?
    private let leaked = Atomic<Int>(0)

    /// Instances that could not be destroyed because the plugin never resolved a call.
    package var leakedInstances: Int { leaked.load(ordering: .relaxed) }
    /// How often the plugin did what.
    package var misbehaviour: [Misbehaviour: UInt64] { ledger.misbehaviour.seen }
    /// JSON Schema of `spec`, as the plugin has it.
    package var configSchema: String? { table.configSchema }
    /// ABI version that the plugin was compiled for, such as "1.0".
    package var abi: String { table.abi }
    /// Whether its functions run on a bounded pool.
    package var isBlocking: Bool { table.isBlocking }

    /// Loads the library of a manifest.
    /// - Parameters:
    ///   - fallback: Folder where a bare library name is looked up after the manifest's own.
    ///   - limits: What the plugin may use.
    /// - Throws: ``PluginLoadError`` naming the path and the first check that failed.
    package convenience init(
        manifest: PluginManifest, fallback: String?, limits: PluginLimits = PluginLimits(), logger: Logger
    ) throws(PluginLoadError) {
        let path = Self.library(of: manifest, fallback: fallback)
        let (table, real) = try Self.open(path, digest: manifest.sha256)
        try self.init(table: table, path: real, manifest: manifest, limits: limits, logger: logger)
    }

    /// Loads a library that no manifest describes, as far as it goes by itself.
    convenience init(library path: String, limits: PluginLimits, logger: Logger) throws(PluginLoadError) {
        let (table, real) = try Self.open(path, digest: nil)
        let read = try PluginTable(table, path: real)
        let manifest = PluginManifest(
            path: real, id: read.id, version: read.version, library: FilePath.name(of: real), provides: read.provides)
        try self.init(table: table, path: real, manifest: manifest, limits: limits, logger: logger)
    }

    /// Makes an image of a table in memory, such as that of a plugin linked into the program.
    init(
        table pointer: UnsafePointer<vmcp_plugin>, path: String, manifest: PluginManifest, limits: PluginLimits,
        logger: Logger
    ) throws(PluginLoadError) {
        let table = try PluginTable(pointer, path: path)
        try table.check(against: manifest, path: path)
        var schema: ConfigSchema?
        if let text = table.configSchema {
            do {
                schema = try ConfigSchema(text)
            } catch {
                throw PluginLoadError(
                    .badSchema, path: path, expected: "config_schema as a JSON Schema that this host can check",
                    found: error.description, advice: "correct vmcp_plugin.config_schema")
            }
        }
        var logger = logger
        logger[metadataKey: "plugin"] = "\(table.id)"
        guard let ledger = PluginLedger.make(logger: logger, messageLimit: limits.messageBytes) else {
            throw PluginLoadError(
                .tooManyPlugins, path: path, expected: "at most 4,095 libraries loaded in one process", found: "more",
                advice: "restart the gateway")
        }
        self.path = path
        self.manifest = manifest
        self.table = table
        self.schema = schema
        self.ledger = ledger
        self.logger = logger
        pool =
            table.isBlocking
            ? BlockingPool(
                name: "vmcp-\(table.id)", threads: limits.blockingThreads, capacity: limits.blockingQueue) : nil
    }

    /// Tells ``leakedInstances`` of one more.
    func countLeak() { leaked.add(1, ordering: .relaxed) }

    private static func library(of manifest: PluginManifest, fallback: String?) -> String {
        let beside = FilePath.join(manifest.folder, manifest.library)
        if !FilePath.exists(beside), !manifest.library.contains("/"), let fallback {
            let other = FilePath.join(fallback, manifest.library)
            if FilePath.exists(other) { return other }
        }
        return beside
    }

    private static func open(
        _ path: String, digest: String?
    ) throws(PluginLoadError) -> (UnsafePointer<vmcp_plugin>, String) {
        let file = try PluginFile(opening: path, what: "plugin library")
        try checkFormat(of: file)
        if let digest { try FileDigest.check(file, digest) }
        var error = [CChar](repeating: 0, count: 1_024)
        guard let library = vmcp_dl_open(file.path, &error, UInt(error.count)) else {
            let words = String(decoding: error.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw PluginLoadError(
                .notLoadable, path: file.path, expected: "a library that can be loaded", found: words,
                advice: "install what it needs, or link it against what is here")
        }
        // The linker opens the path again: another file there would not be the one that was checked.
        guard file.isStillThere else {
            throw PluginLoadError(
                .notLoadable, path: file.path, expected: "the file that was checked", found: "another in its place",
                advice: "do not replace libraries while the gateway starts; start it again")
        }
        guard let symbol = vmcp_dl_symbol(library, "vmcp_plugin_entry") else {
            throw PluginLoadError(
                .noEntry, path: file.path, expected: "the exported symbol vmcp_plugin_entry", found: "none",
                advice: "export it (VMCP_EXPORT), or remove the library from the plugin folders")
        }
        typealias Entry = @convention(c) (UInt16) -> UnsafePointer<vmcp_plugin>?
        let entry = unsafeBitCast(symbol, to: Entry.self)
        guard let table = entry(UInt16(VMCP_ABI_MAJOR)) else {
            throw PluginLoadError(
                .entryRefused, path: file.path, expected: "a table for ABI major \(VMCP_ABI_MAJOR)", found: "NULL",
                advice: "rebuild the plugin against the headers of this gateway, or use a gateway of its ABI")
        }
        return (table, file.path)
    }

    private static func checkFormat(of file: PluginFile) throws(PluginLoadError) {
        #if os(Linux)
            guard let header = ELFHeader(file.head(ELFHeader.size)) else {
                throw PluginLoadError(
                    .notALibrary, path: file.path, expected: "a shared library (ELF)", found: "another kind of file",
                    advice: "name the library in the manifest")
            }
            if let own = own, !header.runs(like: own) {
                throw PluginLoadError(
                    .foreignArchitecture, path: file.path, expected: "a library for \(own.architecture)",
                    found: header.architecture, advice: "build the plugin for this machine")
            }
            guard header.isSharedObject else {
                throw PluginLoadError(
                    .notALibrary, path: file.path, expected: "a shared library (ELF type 3)",
                    found: "ELF type \(header.type)", advice: "link the plugin with -shared")
            }
        #endif
    }

    /// What this program itself runs as; `nil` leaves the check to the dynamic linker.
    private static let own = FilePath.head(of: "/proc/self/exe", count: ELFHeader.size).flatMap { ELFHeader($0) }
}

/// What a plugin may use of the host.
package struct PluginLimits: Sendable {
    /// Longest message or result taken from a plugin, in bytes. Default 100 MiB.
    package var messageBytes: Int
    /// Threads for a plugin whose functions may block (`VMCP_PLUGIN_BLOCKING`). Default 8.
    package var blockingThreads: Int
    /// Calls that may wait for one of these threads; more end with `exhausted`. Default 256.
    package var blockingQueue: Int

    package init(messageBytes: Int = 104_857_600, blockingThreads: Int = 8, blockingQueue: Int = 256) {
        self.messageBytes = messageBytes
        self.blockingThreads = blockingThreads
        self.blockingQueue = blockingQueue
    }
}
