import Foundation
import Testing

@testable import HostPlugins

@Suite("Files that plugins come from")
struct PluginFileTests {
    private func refusal(_ plugin: FixturePlugin) throws -> PluginLoadError {
        let host = HandshakeTests.host([plugin.folder])
        return try #require(#expect(throws: PluginLoadError.self) { try host.inspect("fixture") })
    }

    @Test("A missing library is told with its path")
    func missing() throws {
        let plugin = try FixturePlugin("handshake")
        try FileManager.default.removeItem(atPath: plugin.library)
        let error = try refusal(plugin)
        #expect(error.reason == .missingFile)
        #expect(error.path == plugin.library)
        #expect(error.found == "No such file or directory")
    }

    @Test("An unreadable library is refused", .enabled(if: geteuid() != 0, "root reads everything"))
    func unreadable() throws {
        let plugin = try FixturePlugin("handshake")
        try FileManager.default.setAttributes([.posixPermissions: 0o000], ofItemAtPath: plugin.library)
        #expect(try refusal(plugin).reason == .unreadable)
    }

    @Test("A library that everybody may write is refused, and so is one in such a folder")
    func worldWritable() throws {
        let plugin = try FixturePlugin("handshake")
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: plugin.library)
        let error = try refusal(plugin)
        #expect(error.reason == .worldWritable)
        #expect(error.found == "mode 666")
        #expect(error.advice == "run chmod o-w \(error.path)")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: plugin.library)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: plugin.folder)
        let refused = try #require(
            #expect(throws: PluginLoadError.self) {
                try PluginFile(opening: plugin.library, what: "plugin library")
            })
        #expect(refused.reason == .worldWritable)
        #expect(refused.path == FilePath.resolved(plugin.folder))
    }

    @Test("A library of another user is refused", .enabled(if: geteuid() == 0, "only root can give files away"))
    func otherOwner() throws {
        let plugin = try FixturePlugin("handshake")
        try FileManager.default.setAttributes([.ownerAccountID: 4_242], ofItemAtPath: plugin.library)
        let error = try refusal(plugin)
        #expect(error.reason == .untrustedOwner)
        #expect(error.found == "owner 4242")
    }

    @Test("A library for another machine is refused before the linker sees it", arguments: [40, 183, 8] as [UInt16])
    func foreign(machine: UInt16) throws {
        let plugin = try FixturePlugin("handshake")
        var bytes = try Data(contentsOf: URL(filePath: plugin.library))
        guard machine != UInt16(bytes[18]) | UInt16(bytes[19]) << 8 else { return }
        bytes[18] = UInt8(machine & 0xFF)
        bytes[19] = UInt8(machine >> 8)
        try bytes.write(to: URL(filePath: plugin.library))
        let error = try refusal(plugin)
        #expect(error.reason == .foreignArchitecture)
        #expect(error.expected.hasPrefix("a library for "))
        #expect(error.found.hasSuffix("64-bit little-endian"))
    }

    @Test("What is no library at all is refused", arguments: ["", "#!/bin/sh\n", String(repeating: "x", count: 4_096)])
    func notALibrary(text: String) throws {
        let plugin = try FixturePlugin("handshake")
        try Data(text.utf8).write(to: URL(filePath: plugin.library))
        #expect(try refusal(plugin).reason == .notALibrary)
    }

    @Test("A broken library is refused with the linker's words")
    func broken() throws {
        let plugin = try FixturePlugin("handshake")
        let bytes = try Data(contentsOf: URL(filePath: plugin.library))
        try bytes.prefix(128).write(to: URL(filePath: plugin.library))
        let error = try refusal(plugin)
        #expect(error.reason == .notLoadable)
        #expect(error.found.contains("libfixture.so"))
    }

    @Test("A library with another digest than the manifest's is refused, with the right one it is loaded")
    func digest() throws {
        let plugin = try FixturePlugin("handshake")
        let file = try PluginFile(opening: plugin.library, what: "plugin library")
        let digest = try #require(FileDigest.sha256(of: file))
        func write(_ digest: String) throws {
            try FixturePlugin.manifest(more: "sha256: \(digest)")
                .write(toFile: plugin.folder + "/plugin.yaml", atomically: true, encoding: .utf8)
        }
        let other = String(repeating: "0", count: 64)
        try write(other)
        let error = try refusal(plugin)
        #expect(error.reason == .digestMismatch)
        #expect(error.expected == "the SHA-256 \(other) of the manifest")
        #expect(error.found == digest)
        try write(digest.uppercased())
        #expect(try HandshakeTests.host([plugin.folder]).inspect("fixture").state == .loaded)
    }

    @Test("The digest is that of FIPS 180-4")
    func knownDigest() throws {
        let plugin = try FixturePlugin("handshake")
        try Data("abc".utf8).write(to: URL(filePath: plugin.library))
        let file = try PluginFile(opening: plugin.library, what: "plugin library")
        #expect(
            FileDigest.sha256(of: file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("A folder in the place of the library is refused")
    func folder() throws {
        let plugin = try FixturePlugin("handshake")
        try FileManager.default.removeItem(atPath: plugin.library)
        try FileManager.default.createDirectory(atPath: plugin.library, withIntermediateDirectories: false)
        #expect(try refusal(plugin).reason == .notAFile)
    }

    @Test("A library is looked up beside its manifest, then beside the executable")
    func fallback() throws {
        let plugin = try FixturePlugin("handshake")
        let elsewhere = try FixturePlugin.makeFolder()
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: elsewhere) } }
        try FileManager.default.moveItem(atPath: plugin.library, toPath: elsewhere + "/libfixture.so")
        let host = PluginHost(
            search: PluginSearch(commandLine: [plugin.folder], executableFolder: elsewhere), hosts: PlainHosts(),
            log: RunningFixture.silent)
        #expect(try host.inspect("fixture").path == FilePath.resolved(elsewhere + "/libfixture.so"))
    }

    @Test("Refused files leave no descriptor open")
    func descriptors() throws {
        let plugin = try FixturePlugin("handshake")
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: plugin.library)
        // One by one, since other tests open and close descriptors meanwhile: a thousand would show.
        let before = FilePath.names(in: "/proc/self/fd").count
        for _ in 0..<1_000 {
            #expect(throws: PluginLoadError.self) { try PluginFile(opening: plugin.library, what: "plugin library") }
        }
        #expect(FilePath.names(in: "/proc/self/fd").count < before + 500)
    }
}
