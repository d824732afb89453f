import Foundation
import Testing

@testable import HostConfiguration

@Suite("Loading")
struct LoadingTests {
    private static let server = "groupRef: {name: tools}\nincomingAuth: {type: anonymous}"

    @Test("All errors of all files come at once, in the order of files and lines")
    func gathered() throws {
        let result = try load(files: [
            "b.yaml": resource("MCPServer", "b", spec: "imag: x\ntransport: http"),
            "a.yaml": resource("MCPGroup", "Bad_Name") + "---\nkind: [\n",
            "c.json":
                #"{"apiVersion": "toolhive.stacklok.dev/v1beta1", "kind": "MCPGruop", "metadata": {"name": "c"}}"#,
            "ignored.txt": "not: [yaml",
        ])
        #expect(
            result.errors.map { "\($0.file):\($0.line) \($0.path)" } == [
                "a.yaml:4 metadata.name", "a.yaml:7 ", "b.yaml:5 spec.image", "b.yaml:6 spec.imag",
                "b.yaml:7 spec.transport",
                "c.json:1 kind",
            ])
        #expect(result.errors.last?.message.contains("did you mean `MCPGroup`?") == true)
        #expect(result.configuration == nil)
    }

    @Test("A diagnostic reads as compilers write them")
    func description() {
        let diagnostic = Diagnostic(
            severity: .warning, file: "a.yaml", line: 3, column: 5, path: "spec.x", message: "m")
        #expect(diagnostic.description == "a.yaml:3:5: warning: spec.x: m")
        #expect(
            Diagnostic(severity: .error, file: "--name", line: 0, column: 0, path: "", message: "m").description
                == "--name: error: m")
    }

    @Test("A resource defined twice is an error that names both places")
    func twice() throws {
        let result = try load(files: [
            "a.yaml": documents(resource("MCPGroup", "tools"), resource("VirtualMCPServer", "v", spec: Self.server)),
            "b.yaml": resource("MCPGroup", "tools"),
        ])
        #expect(result.errors.count == 1)
        #expect(result.errors[0].file == "b.yaml" && result.errors[0].message.contains("found another at a.yaml:1"))
    }

    @Test("The same name in another namespace is another resource, and references stay in their namespace")
    func namespaces() throws {
        let other = resource("MCPGroup", "tools").replacingOccurrences(
            of: "  name: tools", with: "  name: tools\n  namespace: other")
        #expect(
            try load(
                documents(resource("MCPGroup", "tools"), other, resource("VirtualMCPServer", "v", spec: Self.server))
            ).errors.isEmpty)
        let missing = try load(documents(other, resource("VirtualMCPServer", "v", spec: Self.server)))
        #expect(missing.errors.map(\.path) == ["spec.groupRef.name"])
    }

    @Test("One of several servers is picked by name, and the names there are come with the error")
    func names() throws {
        let text = documents(
            resource("MCPGroup", "tools"), resource("VirtualMCPServer", "one", spec: Self.server),
            resource("VirtualMCPServer", "two", spec: Self.server))
        #expect(try load(text) { $0.name = "two" }.configuration?.name == "two")
        let ambiguous = try load(text)
        #expect(ambiguous.errors.count == 1)
        #expect(ambiguous.errors[0].message.contains("`one`") && ambiguous.errors[0].message.contains("--name"))
        let missing = try load(text) { $0.name = "tow" }
        #expect(missing.errors[0].file == "--name" && missing.errors[0].message.contains("did you mean `two`?"))
        #expect(try load(resource("MCPGroup", "tools")).errors[0].message.contains("found none"))
    }

    @Test("A path that is missing, a folder without files, and bytes that are no text are errors of that path")
    func paths() throws {
        let folder = try ConfigurationFolder(["a.yaml": document()])
        try Data([0x61, 0x3A, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: folder.path + "/b.yaml"))
        try FileManager.default.createDirectory(atPath: folder.path + "/empty", withIntermediateDirectories: false)
        let paths = ["/missing.yaml", "/b.yaml", "/empty"].map { folder.path + $0 }
        let result = loadConfiguration(ConfigurationFolder.sources(paths))
        #expect(Set(result.errors.map(\.file)) == Set(paths))
        #expect(loadConfiguration(ConfigurationFolder.sources([])).errors.map(\.file) == ["--config"])
    }

    @Test("A file named twice is read once, and folders are not read in depth")
    func once() throws {
        let folder = try ConfigurationFolder(["a.yaml": document()])
        try FileManager.default.createDirectory(atPath: folder.path + "/deep", withIntermediateDirectories: false)
        try Data("a: [".utf8).write(to: URL(fileURLWithPath: folder.path + "/deep/b.yaml"))
        let result = loadConfiguration(ConfigurationFolder.sources([folder.path, folder.path + "/a.yaml"]))
        #expect(result.diagnostics.map(\.description) == [])
    }

    @Test("A document that is no resource and no configuration says so", arguments: ["- a\n", "hunter2\n"])
    func strange(text: String) throws {
        let result = try load(text)
        #expect(result.errors.count == 1)
        #expect(!result.errors[0].message.contains("hunter2"))
    }

    @Test("Items of a List are read like documents")
    func list() throws {
        let items = [resource("MCPGroup", "tools"), resource("VirtualMCPServer", "v", spec: Self.server)]
            .map { "- \n" + indented($0) }.joined()
        #expect(try load("apiVersion: v1\nkind: List\nitems:\n" + items).configuration?.group == "tools")
    }

    @Test("In a cluster a Secret that no file holds is a warning; a key that its Secret lacks stays an error")
    func clusterSecrets() throws {
        func text(_ name: String, _ key: String) -> String {
            documents(
                surroundings, resource("MCPServer", spec: "image: uvx://a\nsecrets: [{name: \(name), key: \(key)}]"))
        }
        let missing = try load(text("elsewhere", "a")) { $0.target = .cluster }
        #expect(missing.errors.isEmpty && missing.warnings.contains { $0.path == "spec.secrets[0].name" })
        #expect(try load(text("keys", "a")) { $0.target = .cluster }.errors.map(\.path) == ["spec.secrets[0].key"])
    }

    @Test(
        "Malformed Secrets and ConfigMaps are rejected without showing what they hold",
        arguments: [
            ("data: {a: \"hunter2!\"}", "data.a"), ("stringData: {a: 12345}", "stringData.a"),
            ("stringData: hunter2", "stringData"),
            ("stringDta: {a: hunter2}", "stringDta"),
        ])
    func malformedSecret(body: String, path: String) throws {
        let result = try load(documents(surroundings, "apiVersion: v1\nkind: Secret\nmetadata: {name: bad}\n\(body)\n"))
        #expect(result.errors.map(\.path) == [path])
        #expect(result.errors.allSatisfy { !$0.message.contains("hunter2") && !$0.message.contains("12345") })
    }

    @Test("A secret value cannot be printed")
    func secretValue() {
        let secret = SecretValue("hunter2")
        var dumped = ""
        dump(["k": secret], to: &dumped)
        #expect(!"\(secret) \(secret as Any) \(String(reflecting: secret)) \(dumped)".contains("hunter2"))
        #expect(!dumped.contains("104"))
    }

    @Test("Kinds of the group that a gateway has no use for are left out with a warning")
    func unused() throws {
        let result = try load(documents(surroundings, resource("MCPRegistry", spec: "anything: true")))
        #expect(result.errors.isEmpty)
        #expect(result.warnings.contains { $0.message.contains("MCPRegistry") })
    }
}
