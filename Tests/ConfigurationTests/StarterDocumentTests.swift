import Testing

@testable import HostConfiguration

@Suite("Starter document")
struct StarterDocumentTests {
    private func starter(_ group: String, _ texts: String...) throws -> StarterDocument {
        let folder = try ConfigurationFolder(["a.yaml": texts.joined(separator: "---\n")])
        return starterDocument(group: group, sources: ConfigurationFolder.sources([folder.path]))
    }

    @Test("Members with a URL are listed by name, the others stay resources, and the text passes validation")
    func members() throws {
        let document = try starter(
            "tools", resource("MCPGroup", "tools"),
            resource("MCPRemoteProxy", "b", spec: "remoteUrl: https://b.example.com/mcp\ngroupRef: {name: tools}"),
            resource("MCPServer", "c", spec: "image: uvx://c\ngroupRef: {name: tools}"),
            resource(
                "MCPServerEntry", "a",
                spec: "remoteUrl: https://a.example.com/mcp\ngroupRef: {name: tools}\ntransport: sse"),
            resource("MCPRemoteProxy", "stranger", spec: "remoteUrl: https://d.example.com/mcp"))
        #expect(document.diagnostics.count == 1)
        #expect(
            document.diagnostics[0].severity == .warning && document.diagnostics[0].message.contains("`c` has no URL"))
        let result = try load(document.text)
        #expect(result.diagnostics.map(\.description) == [])
        let configuration = try #require(result.configuration)
        #expect(configuration.name == "tools-vmcp" && configuration.group == "tools")
        #expect(configuration.backends.map(\.name) == ["a", "b"])
        #expect(configuration.backends.map(\.transportName) == ["sse", "streamable-http"])
    }

    @Test("A group without usable members gives an empty list that is valid all the same")
    func empty() throws {
        let document = try starter("tols", resource("MCPGroup", "tools"))
        #expect(document.diagnostics.map(\.message) == ["no file has an MCPGroup `tols`; did you mean `tools`?"])
        #expect(document.text.contains("backends: []"))
        #expect(try load(document.text).errors.isEmpty)
    }

    @Test("A group name that is none, and files with errors, give no text")
    func refused() throws {
        #expect(try starter("Tools!", resource("MCPGroup", "tools")).text.isEmpty)
        let broken = try starter("tools", resource("MCPGroup", "tools", spec: "servers: []"))
        #expect(broken.text.isEmpty && broken.diagnostics.contains { $0.severity == .error })
    }
}
