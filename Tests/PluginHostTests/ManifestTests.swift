import Testing

@testable import HostPlugins

@Suite("Plugin manifests")
struct ManifestTests {
    private func read(_ text: String) throws -> PluginManifest {
        try PluginManifest(path: "/p/plugin.yaml", text: text)
    }

    @Test("All fields are read")
    func whole() throws {
        let digest = String(repeating: "aB", count: 32)
        let manifest = try read(
            """
            id: my.plugin-1
            version: 1.2.3
            library: lib/x.so
            provides: vmcp.backend/1
            kinds: [Weather, MCPServer]
            sha256: \(digest)
            """)
        #expect(
            manifest
                == PluginManifest(
                    path: "/p/plugin.yaml", id: "my.plugin-1", version: "1.2.3", library: "lib/x.so",
                    provides: ["vmcp.backend/1"], kinds: ["Weather", "MCPServer"], sha256: digest.lowercased()))
    }

    static let wrong = [
        ("id: Über", "line 1, column 5: id: expected 1 to 64 lower-case letters"),
        ("id: ../x", "line 1, column 5: id: expected 1 to 64 lower-case letters"),
        ("library: ../x.so", "line 1, column 10: library: expected a file name, or a path inside"),
        ("library: /etc/x.so", "line 1, column 10: library: expected a file name, or a path inside"),
        ("library: a/../../x.so", "line 1, column 10: library: expected a file name, or a path inside"),
        (
            "colour: red",
            "line 1, column 1: unknown key 'colour'; known are embeddings, id, kinds, library, perCaller, provides, sha256, strategies, version"
        ),
        ("provides: [backend]", "line 1, column 12: provides: expected capability ids such as vmcp.backend/1"),
        ("provides: [a/1, a/1]", "line 1, column 17: provides: a/1 is there twice"),
        ("provides: {}", "line 1, column 11: provides: expected a text"),
        ("kinds: [weather]", "line 1, column 9: kinds: expected resource kinds such as MCPServer"),
        ("sha256: 123", "line 1, column 9: sha256: expected 64 hexadecimal digits"),
        ("version: ''", "line 1, column 10: version: expected 1 to 128 characters"),
        ("x: 1", "id: missing"),
        ("provides: vmcp.backend/1", "kinds: a plugin that provides vmcp.backend/1 lists the resource kinds it serves"),
        ("provides: vmcp.auth/1\nkinds: [A]", "line 2, column 8: kinds: only a plugin that provides vmcp.backend/1"),
        (
            "provides: vmcp.auth/1\nembeddings: tei",
            "line 2, column 13: embeddings: only a plugin that provides vmcp.embedding/1"
        ),
        (
            "provides: vmcp.auth/1\nstrategies: [a]\nperCaller: [a, b, c]",
            "line 3, column 12: perCaller: expected strategies of this plugin, found b, c"
        ), ("embeddings: TEI", "line 1, column 13: embeddings: expected names of embedding providers such as tei"),
        ("- a", "no mapping of keys to values"), ("", "no mapping of keys to values"), ("a: [", "parser"),
    ]

    @Test("What is wrong is told with its place", arguments: wrong)
    func problem(text: String, expected: String) throws {
        let error = #expect(throws: PluginLoadError.self) { try read(text) }
        #expect(error?.reason == .badManifest)
        #expect(error?.path == "/p/plugin.yaml")
        #expect(error?.found.contains(expected) == true, "\(error?.found ?? "")")
    }

    @Test("All errors are told at once")
    func all() throws {
        let error = #expect(throws: PluginLoadError.self) { try read("colour: red\nid: A\nlibrary: ..") }
        #expect(error?.found.split(separator: "; ").count == 6, "\(error?.found ?? "")")
    }
}
