import Foundation
import Testing

@testable import HostPlugins

@Suite("Search for plugins")
struct SearchTests {
    private final class Folders {
        let root: String
        init() throws { root = try FixturePlugin.makeFolder() }
        deinit {
            do { try FileManager.default.removeItem(atPath: root) } catch { print("left behind: \(root): \(error)") }
        }

        func add(_ folder: String, id: String) throws {
            try FileManager.default.createDirectory(atPath: root + "/" + folder, withIntermediateDirectories: true)
            let manifest = FixturePlugin.manifest(id: id)
            try manifest.write(toFile: root + "/\(folder)/plugin.yaml", atomically: true, encoding: .utf8)
        }
    }

    private func host(_ search: PluginSearch) -> PluginHost {
        PluginHost(search: search, hosts: PlainHosts(), log: RunningFixture.silent)
    }

    @Test("A folder is a plugin or holds plugins, in the order command line, environment, executable")
    func order() throws {
        let folders = try Folders()
        for (folder, id) in [("one", "d"), ("many/b", "b"), ("many/a", "a"), ("many/.git", "hidden")] {
            try folders.add(folder, id: id)
        }
        try folders.add("environment/c", id: "c")
        try folders.add("bin/plugins/e", id: "e")
        try folders.add("bin/f", id: "f")
        let search = PluginSearch(
            commandLine: [folders.root + "/one", folders.root + "/many"], pluginPath: ":\(folders.root)/environment:",
            executableFolder: folders.root + "/bin")
        #expect(host(search).plugins().map(\.id) == ["d", "a", "b", "c", "e", "f"])
    }

    @Test("Of two plugins with one id the first wins, and a warning names both")
    func twice() throws {
        let folders = try Folders()
        try folders.add("a/x", id: "same")
        try folders.add("b/y", id: "same")
        let search = PluginSearch(
            commandLine: [folders.root + "/b"], pluginPath: folders.root + "/a", executableFolder: nil)
        let host = host(search)
        #expect(host.plugins().map(\.path) == [folders.root + "/b/y/plugin.yaml"])
        #expect(
            host.warnings == [
                "the plugin same is there twice: \(folders.root)/b/y/plugin.yaml is used, "
                    + "\(folders.root)/a/x/plugin.yaml is not"
            ])
    }

    @Test("Two plugins for one kind are told, and the first serves it")
    func kindTwice() throws {
        let folders = try Folders()
        try folders.add("x", id: "one")
        try folders.add("y", id: "two")
        let host = host(PluginSearch(commandLine: [folders.root], executableFolder: nil))
        #expect(host.kinds == ["Fixture": "one"])
        #expect(host.warnings.count == 1)
    }

    @Test("The same folder named twice is one plugin and no warning")
    func sameTwice() throws {
        let folders = try Folders()
        try folders.add("x", id: "one")
        let search = PluginSearch(
            commandLine: [folders.root, folders.root + "/x"], pluginPath: folders.root, executableFolder: nil)
        #expect(host(search).plugins().count == 1)
        #expect(host(search).warnings == [])
    }

    @Test("Folders that cannot serve are warned of")
    func warnings() throws {
        let folders = try Folders()
        let search = PluginSearch(
            commandLine: [folders.root], pluginPath: folders.root + "/nowhere", executableFolder: folders.root)
        #expect(
            host(search).warnings == [
                "--plugins names \(folders.root), where no folder has a plugin.yaml",
                "VMCP_PLUGIN_PATH names \(folders.root)/nowhere, which is not a folder",
            ])
    }

    @Test("A broken manifest is listed as refused and harms nobody else")
    func broken() throws {
        let folders = try Folders()
        try folders.add("good", id: "good")
        try folders.add("wrong", id: "Bad")
        let host = host(PluginSearch(commandLine: [folders.root], executableFolder: nil))
        #expect(host.plugins().map(\.id) == ["good", "wrong"])
        #expect(host.plugins().map(\.state) == [.available, .refused])
        #expect(host.plugins()[1].error?.reason == .badManifest)
        let error = #expect(throws: PluginLoadError.self) { try host.inspect("wrong") }
        #expect(error?.reason == .badManifest)
    }

    @Test("The folder of the executable is found without being told")
    func own() throws {
        let folder = try #require(PluginSearch.ownFolder)
        #expect(FilePath.isFolder(folder))
        #expect(PluginSearch().executableFolder == folder)
    }
}
