import Foundation
import PluginAPI
import Testing

@testable import HostPlugins

@Suite("Plugin handshake")
struct HandshakeTests {
    /// One wrong plugin, and what is said about it.
    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let defines: [String]
        let reason: PluginLoadError.Reason
        let expected: String
        let found: String
    }

    static let wrongs = [
        Wrong(
            testDescription: "another magic", defines: ["MAGIC=0x1234"], reason: .wrongMagic,
            expected: "magic 0x50434d56", found: "0x1234"),
        Wrong(
            testDescription: "major 0", defines: ["MAJOR=0"], reason: .wrongMajor, expected: "ABI major 1", found: "0"),
        Wrong(
            testDescription: "major 65535", defines: ["MAJOR=65535"], reason: .wrongMajor, expected: "ABI major 1",
            found: "65535"),
        Wrong(
            testDescription: "a table without its end", defines: ["SIZE=96"], reason: .tableTooSmall,
            expected: "struct_size of at least 104", found: "96"),
        Wrong(
            testDescription: "no destroy", defines: ["MISSING_FUNCTION"], reason: .missingFunction,
            expected: "the functions create, capability and destroy", found: "NULL for destroy"),
        Wrong(
            testDescription: "no id", defines: ["ID=NULL"], reason: .badTable,
            expected: "id and version as UTF-8 text of at most 256 bytes", found: "NULL or something else"),
        Wrong(
            testDescription: "nothing provided", defines: ["PROVIDES=NULL"], reason: .badTable,
            expected: "provides with 1 to 64 capability ids and NULL at its end", found: "none"),
        Wrong(
            testDescription: "another id", defines: ["ID=\"other\""], reason: .wrongID,
            expected: "id fixture, as ", found: "other"),
        Wrong(
            testDescription: "another version", defines: ["VERSION=\"2.0.0\""], reason: .wrongVersion,
            expected: "version 1.0.0, as ", found: "2.0.0"),
        Wrong(
            testDescription: "other capabilities", defines: ["PROVIDES=\"vmcp.auth/1\""], reason: .wrongProvides,
            expected: "capabilities vmcp.backend/1, as ", found: "vmcp.auth/1"),
        Wrong(
            testDescription: "no entry symbol", defines: ["NO_ENTRY"], reason: .noEntry,
            expected: "the exported symbol vmcp_plugin_entry", found: "none"),
        Wrong(
            testDescription: "an entry that refuses the major", defines: ["ENTRY_NULL"], reason: .entryRefused,
            expected: "a table for ABI major 1", found: "NULL"),
        Wrong(
            testDescription: "a schema that is no JSON", defines: ["SCHEMA=\"{\""], reason: .badSchema,
            expected: "config_schema as a JSON Schema that this host can check", found: "not JSON"),
        Wrong(
            testDescription: "a schema with a keyword that is not checked",
            defines: ["SCHEMA=\"{\\\"contains\\\":{}}\""], reason: .badSchema,
            expected: "config_schema as a JSON Schema that this host can check",
            found: "#/contains: this host does not check this keyword"),
    ]

    @Test("A wrong library is refused, with the check that failed", arguments: wrongs)
    func refused(_ wrong: Wrong) throws {
        let plugin = try FixturePlugin("handshake", defines: wrong.defines)
        let host = Self.host([plugin.folder])
        let error = #expect(throws: PluginLoadError.self) { try host.inspect("fixture") }
        #expect(error?.reason == wrong.reason)
        #expect(error?.path == FilePath.resolved(plugin.library))
        #expect(error?.expected.hasPrefix(wrong.expected) == true)
        #expect(error?.found.hasPrefix(wrong.found) == true)
        let report = try #require(host.plugins().first)
        #expect(report.state == .refused)
        #expect(report.error == error)
    }

    @Test("A table of a later minor is read as far as it is known", arguments: [104, 112, 136])
    func laterMinor(size: Int) throws {
        let plugin = try FixturePlugin("handshake", defines: ["SIZE=\(size)"])
        let report = try Self.host([plugin.folder]).inspect("fixture")
        #expect(report.state == .loaded)
        #expect(report.abi == "1.0")
        #expect(report.isBlocking == false)
    }

    @Test("Nothing is loaded before it is needed")
    func lazy() throws {
        let plugin = try FixturePlugin("handshake", defines: ["ENTRY_NULL"])
        let host = Self.host([plugin.folder])
        #expect(host.plugins().map(\.state) == [.available])
        #expect(host.kinds == ["Fixture": "fixture"])
    }

    @Test("Folder, manifest and library can each be checked")
    func check() throws {
        let plugin = try FixturePlugin("handshake")
        let host = Self.host([])
        for path in [plugin.folder, plugin.folder + "/plugin.yaml", plugin.library] {
            #expect(try host.check(path).kinds == ["Fixture"])
        }
        try FileManager.default.removeItem(atPath: plugin.folder + "/plugin.yaml")
        #expect(try host.check(plugin.library).kinds == [])
    }

    @Test("A kind that nobody serves is told with those that are")
    func noPlugin() async throws {
        let plugin = try FixturePlugin("handshake")
        let host = Self.host([plugin.folder])
        let error = await #expect(throws: PluginLoadError.self) {
            try await host.backend(kind: "Nothing", configuration: RunningFixture.configuration())
        }
        #expect(error?.reason == .noPlugin)
        #expect(error?.found == "plugins for Fixture")
    }

    static func host(_ folders: [String]) -> PluginHost {
        PluginHost(
            search: PluginSearch(commandLine: folders, executableFolder: nil), hosts: PlainHosts(),
            log: RunningFixture.silent)
    }
}
