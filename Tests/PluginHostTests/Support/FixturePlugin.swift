import Foundation
import Synchronization

@testable import HostPlugins

/// A plugin folder with a fixture compiled into it, in a temporary folder that goes with it.
final class FixturePlugin: Sendable {
    struct CompilationFailed: Error { let output: String }

    let folder: String
    let library: String

    /// - Parameters:
    ///   - source: File in `Fixtures`, without `.c`.
    ///   - defines: Macros, such as `MAGIC=1`.
    ///   - manifest: Text of `plugin.yaml`; `nil` = one that fits the fixtures.
    init(_ source: String, defines: [String] = [], manifest: String? = nil) throws {
        folder = try Self.makeFolder()
        library = folder + "/libfixture.so"
        try FileManager.default.copyItem(atPath: try Self.compiled(source, defines), toPath: library)
        try (manifest ?? Self.manifest()).write(toFile: folder + "/plugin.yaml", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder + "/plugin.yaml")
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            print("left behind: \(folder): \(error)")
        }
    }

    static func manifest(
        id: String = "fixture", version: String = "1.0.0", provides: String = "vmcp.backend/1",
        kinds: String? = "Fixture", more: String = ""
    ) -> String {
        """
        id: \(id)
        version: \(version)
        library: libfixture.so
        provides: [\(provides)]
        \(kinds.map { "kinds: [\($0)]" } ?? "")
        \(more)
        """
    }

    static func makeFolder() throws -> String {
        let folder = NSTemporaryDirectory() + "vmcp-plugin-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }

    // Each combination is compiled once; the results live in one folder for the life of the test process.
    private static let cache = Mutex<[String: String]>([:])
    private static let cacheFolder = Result {
        let folder = try makeFolder()
        atexit { FixturePlugin.removeCache() }
        return folder
    }

    private static func removeCache() {
        do {
            try FileManager.default.removeItem(atPath: try cacheFolder.get())
        } catch {
            print("left behind: the compiled fixtures: \(error)")
        }
    }

    private static func compiled(_ source: String, _ defines: [String]) throws -> String {
        try cache.withLock { cache in
            let key = ([source] + defines).joined(separator: " ")
            if let path = cache[key] { return path }
            let target = try cacheFolder.get() + "/\(cache.count).so"
            let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            let headers = tests.deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Sources/PluginAPI/include")
            let gcc = Process()
            gcc.executableURL = URL(filePath: "/usr/bin/env")
            gcc.arguments =
                [
                    "gcc", "-std=c11", "-D_GNU_SOURCE", "-O1", "-shared", "-fPIC", "-pthread", "-fvisibility=hidden",
                    "-I", headers.path(), "-o", target,
                ] + defines.map { "-D" + $0 } + [tests.appending(path: "Fixtures/\(source).c").path()]
            let output = Pipe()
            gcc.standardError = output
            try gcc.run()
            let words = output.fileHandleForReading.readDataToEndOfFile()
            gcc.waitUntilExit()
            guard gcc.terminationStatus == 0 else {
                throw CompilationFailed(output: String(decoding: words, as: UTF8.self))
            }
            cache[key] = target
            return target
        }
    }
}
