import Foundation
import HostConfiguration
import Testing

@Suite("Groups")
struct GroupStoreTests {
    private static func withStore(_ body: (GroupStore, String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "groups-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(try GroupStore(environment: [GroupStore.variable: folder]), folder)
    }

    @Test("The folder of groups is the variable's, then that of the user's settings")
    func places() throws {
        #expect(try GroupStore(environment: ["VMCP_GROUPS": "/g", "XDG_CONFIG_HOME": "/x"]).path == "/g")
        #expect(try GroupStore(environment: ["XDG_CONFIG_HOME": "/x", "HOME": "/h"]).path == "/x/vmcp/groups")
        #expect(
            try GroupStore(environment: ["XDG_CONFIG_HOME": "relative", "HOME": "/h"]).path == "/h/.config/vmcp/groups")
        #expect(throws: GroupFault.self) { try GroupStore(environment: [:]) }
    }

    @Test(
        "An image suggests a name",
        arguments: [
            ("ghcr.io/example/Fetch_server:1.2", "fetch-server"), ("uvx://mcp-server-time@1.0", "mcp-server-time"),
            ("npx://@scope/thing@latest", "thing"), ("exec:/usr/bin/python3", "python3"),
            ("localhost:5000/x@sha256:00", "x"),
            ("uvx://tool[extra]", "tool"),
        ])
    func names(image: String, name: String) { #expect(ServerDocument.name(of: image) == name) }

    @Test("What is written is read again, whatever is in it")
    func written() throws {
        try Self.withStore { store, _ in
            let group = try store.create("tools")
            var server = ServerDocument(name: "s", group: "tools", image: "img:1", transport: "streamable-http")
            server.arguments = ["a b", "\"quoted\"", "{port}", "- x: y", "täxt\n"]
            server.environment = [("A", "1"), ("B", "yes: no # \\")]
            server.secrets = [("API_KEY", "hush"), ("OTHER", "\u{1}")]
            server.volumes = [ServerDocument.Volume(source: "/a b", target: "/t", isReadOnly: true)]
            server.port = 9_000
            server.profile = "network"
            try group.add(server) { paths in
                let result = loadConfiguration(
                    ConfigurationSources(
                        paths: paths, servedKinds: ["MCPServer": ServedKind(pluginID: "mcp-server")]))
                #expect(result.diagnostics.isEmpty, "\(result.diagnostics)")
                let backend = try #require(result.configuration?.backends.first)
                let spec = String(decoding: backend.specJSON, as: UTF8.self)
                #expect(spec.contains(#""args":["a b","\"quoted\"","{port}","- x: y","täxt\n"]"#), "\(spec)")
                #expect(spec.contains(#""value":"yes: no # \\""#), "\(spec)")
                #expect(spec.contains(#""mountPath":"/t","readOnly":true"#), "\(spec)")
                #expect(result.configuration?.secrets.count == 2)
            }
            #expect(try group.members().map(\.name) == ["s"])
        }
    }

    @Test("A server that its check refuses is not written, nor anything else")
    func refused() throws {
        try Self.withStore { store, folder in
            let group = try store.create("tools")
            let server = ServerDocument(name: "s", group: "tools", image: "img:1", transport: "stdio")
            #expect(throws: GroupFault("no")) { try group.add(server) { _ in throw GroupFault("no") } }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["tools"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: group.path) == ["group.yaml"])
        }
    }

    @Test("A server is stopped, started and removed alone")
    func life() throws {
        try Self.withStore { store, _ in
            let group = try store.create("tools")
            try group.add(ServerDocument(name: "s", group: "tools", image: "i", transport: "stdio")) { _ in }
            try group.stop("s")
            #expect(try group.member("s").isStopped)
            #expect(throws: GroupFault.self) { try group.stop("s") }
            #expect(throws: GroupFault.self) {
                try group.add(ServerDocument(name: "s", group: "tools", image: "i", transport: "stdio")) { _ in }
            }
            #expect(try store.group(having: "s", named: nil).name == "tools")
            try group.start("s")
            #expect(try !group.member("s").isStopped)
            let together = """
                {apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServer, metadata: {name: a}, spec: {groupRef: {name: tools}}}
                ---
                {apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServer, metadata: {name: b}, spec: {groupRef: {name: tools}}}
                """
            try Data(together.utf8).write(to: URL(filePath: group.path + "/both.yaml"))
            let fault = #expect(throws: GroupFault.self) { try group.remove("a") }
            #expect(fault?.description.contains("defines more than \"a\"") == true)
            try group.remove("s")
            #expect(try group.members().map(\.name) == ["a", "b"])
            _ = try store.create("other")
            #expect(throws: GroupFault.self) { try store.group(having: "s", named: nil) }
        }
    }

    @Test("One process at a time serves a group")
    func service() throws {
        try Self.withStore { store, _ in
            let group = try store.create("tools")
            #expect(GroupService.look(at: group) == .none)
            let service = try GroupService(group)
            service.listens(at: "http://127.0.0.1:1/mcp")
            // A lock of this very process is none to itself: another one looks in the end-to-end tests.
            #expect(try String(contentsOfFile: group.path + "/.gateway", encoding: .utf8) == "http://127.0.0.1:1/mcp\n")
        }
    }
}
