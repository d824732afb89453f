import GRDB
import Gateway
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Vectors that were made before, by ``VectorKey``: on file, so that a restart embeds nothing again, or in memory, so that
/// a backend that comes back needs nothing embedded.
///
/// It is a cache: what cannot be read or written is made again, and never stops a search.
final class VectorStore: Sendable {
    /// Vectors that are kept in any case; beyond, those of tools that are gone are dropped.
    private static let roomAtLeast = 20_000
    private static let version = 1

    private let database: DatabaseQueue
    private let log: Logger

    /// - Parameter path: `nil` keeps vectors in memory.
    init(path: String?, log: Logger) throws {
        self.log = log
        var opened: DatabaseQueue?
        if let path {
            do { opened = try Self.open(path) } catch {
                log.warning(
                    """
                    Vectors are not kept: optimizer.cacheFile cannot be used. Remove the file when it is damaged, or \
                    correct the path
                    """,
                    metadata: ["path": "\(path)", "why": "\(error)"])
            }
        }
        if let opened {
            database = opened
        } else {
            database = try DatabaseQueue()
            try database.write(Self.prepare)
        }
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var configuration = Configuration()
        // Another gateway may write to the same file.
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write(prepare)
        return queue
    }

    /// A file of another version of this program is begun anew.
    private static func prepare(_ database: Database) throws {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if found != version, found != 0 { try database.execute(sql: "DROP TABLE IF EXISTS vectors") }
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, dimensions INTEGER NOT NULL, vector BLOB NOT NULL)
                WITHOUT ROWID;
                PRAGMA user_version = \(version);
                """)
    }

    /// The vectors that are there, of the keys asked for.
    func load(_ keys: some Sequence<VectorKey> & Sendable) async -> [VectorKey: [Float]] {
        do {
            return try await database.read { database in
                let statement = try database.cachedStatement(
                    sql: "SELECT dimensions, vector FROM vectors WHERE key = ?")
                var found: [VectorKey: [Float]] = [:]
                for key in keys {
                    guard let row = try Row.fetchOne(statement, arguments: [Data(key.bytes)]) else { continue }
                    let (dimensions, bytes): (Int, Data) = (row[0], row[1])
                    if let vector = Self.floats(bytes, dimensions) { found[key] = vector }
                }
                return found
            }
        } catch {
            log.warning("Kept vectors cannot be read, they are made again", metadata: ["why": "\(error)"])
            return [:]
        }
    }

    func save(_ vectors: [(key: VectorKey, vector: [Float])]) async {
        do {
            try await database.write { database in
                let statement = try database.cachedStatement(
                    sql: "INSERT OR REPLACE INTO vectors (key, dimensions, vector) VALUES (?, ?, ?)")
                for (key, vector) in vectors {
                    try statement.execute(arguments: [Data(key.bytes), vector.count, Self.bytes(vector)])
                }
            }
        } catch {
            log.warning("Vectors cannot be kept", metadata: ["why": "\(error)"])
        }
    }

    /// Drops the vectors of tools that are gone, when there are many.
    func prune(keeping keys: [VectorKey]) async {
        do {
            try await database.write { database in
                let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM vectors") ?? 0
                guard count > max(Self.roomAtLeast, 2 * keys.count) else { return }
                try database.execute(sql: "CREATE TEMP TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY) WITHOUT ROWID")
                try database.execute(sql: "DELETE FROM kept")
                let statement = try database.cachedStatement(sql: "INSERT OR IGNORE INTO kept VALUES (?)")
                for key in keys { try statement.execute(arguments: [Data(key.bytes)]) }
                try database.execute(sql: "DELETE FROM vectors WHERE key NOT IN (SELECT key FROM kept)")
            }
        } catch {
            log.warning("Old vectors cannot be dropped", metadata: ["why": "\(error)"])
        }
    }

    /// Little-endian, as every machine that this runs on has them.
    private static func bytes(_ vector: [Float]) -> Data {
        vector.withUnsafeBytes { Data($0) }
    }

    private static func floats(_ bytes: Data, _ dimensions: Int) -> [Float]? {
        guard dimensions > 0, bytes.count == dimensions * MemoryLayout<Float>.size else { return nil }
        let vector = [Float](unsafeUninitializedCapacity: dimensions) { buffer, count in
            bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
            count = dimensions
        }
        return vector.allSatisfy(\.isFinite) ? vector : nil
    }
}
