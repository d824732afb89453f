import Foundation
import Testing

@testable import Gateway
import HostConfiguration

@Suite("Backends")
struct BackendAssemblyTests {
    private func backends(_ texts: String...) throws -> [BackendConfiguration] {
        let result = try load(surroundings + "---\n" + texts.joined(separator: "---\n"))
        #expect(result.errors.map(\.description) == [])
        return try #require(result.configuration).backends
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("Members of the group come in the order of their names, whatever their kind")
    func order() throws {
        let entry = "groupRef: {name: tools}\nremoteUrl: https://x.example.com/mcp\ntransport: sse"
        let found = try backends(
            resource("MCPServerEntry", "zeta", spec: entry),
            resource("MCPServer", "alpha", spec: "image: uvx://a\ngroupRef: {name: tools}"),
            resource("MCPRemoteProxy", "mid", spec: "remoteUrl: https://y.example.com\ngroupRef: {name: tools}"),
            resource("MCPServer", "stranger", spec: "image: uvx://a"))
        #expect(found.map(\.name) == ["alpha", "mid", "zeta"])
        #expect(found.map(\.transportName) == ["stdio", "streamable-http", "sse"])
        #expect(found.map(\.kind) == ["MCPServer", "MCPRemoteProxy", "MCPServerEntry"])
        #expect(found.map { $0.reach == nil } == [true, false, false])
    }

    @Test("The spec reaches the plugin as written: order kept, numbers digit for digit, no defaults")
    func faithful() throws {
        let spec = """
            image: uvx://a
            groupRef: {name: tools}
            env: [{value: "1", name: A}]
            mcpPort: 9000
            podTemplateSpec: {big: 123456789012345678901234567890, small: 1.50, none: null}
            """
        let found = try backends(resource("MCPServer", "a", spec: spec))
        #expect(
            text(found[0].specJSON)
                == #"{"image":"uvx://a","groupRef":{"name":"tools"},"env":[{"value":"1","name":"A"}],"mcpPort":9000,"#
                + #""podTemplateSpec":{"big":123456789012345678901234567890,"small":1.50,"none":null}}"#)
        #expect(text(found[0].resolvedJSON) == #"{"secrets":{},"configMaps":{}}"#)
    }

    @Test("The limit of events goes to the plugins of all backends, where it is set")
    func eventLimit() throws {
        let config = "operational: {limits: {eventBytes: 2048}}\n"
        let front = resource(
            "VirtualMCPServer", "mine",
            spec: "groupRef: {name: tools}\nincomingAuth: {type: anonymous}\nconfig:\n" + indented(config))
        let server = resource(
            "MCPServer", "a", spec: "image: uvx://a\ntransport: stdio\ngroupRef: {name: tools}")
        let result = try load(documents(surroundings, server, front)) { $0.name = "mine" }
        #expect(result.errors.map(\.description) == [])
        let backend = try #require(result.configuration?.backends.first { $0.name == "a" })
        #expect(text(backend.resolvedJSON) == #"{"secrets":{},"configMaps":{},"limits":{"eventBytes":2048}}"#)
    }

    @Test("References lead to handles and texts, and the secrets themselves stay out of the JSON")
    func resolved() throws {
        let result = try load(
            documents(
                surroundings,
                resource(
                    "MCPServer", "a",
                    spec: "image: uvx://a\ngroupRef: {name: tools}\nsecrets: [{name: keys, key: token}, ]"),
                resource(
                    "MCPServerEntry", "b",
                    spec: """
                        groupRef: {name: tools}
                        remoteUrl: https://x.example.com
                        transport: sse
                        caBundleRef: {configMapRef: {name: texts, key: ""}}
                        headerForward: {addHeadersFromSecret: [{headerName: X-A, valueSecretRef: {name: keys, key: password}}]}
                        """)))
        let configuration = try #require(result.configuration)
        #expect(
            text(configuration.backends[0].resolvedJSON)
                == #"{"secrets":{"keys/token":"default/keys/token"},"configMaps":{}}"#)
        #expect(
            text(configuration.backends[1].resolvedJSON)
                == #"{"secrets":{"keys/password":"default/keys/password"},"configMaps":{"texts/ca.crt":"PEM"}}"#)
        #expect(configuration.secrets["default/keys/token"]?.bytes == Array("secret".utf8))
        #expect(configuration.secrets["default/keys/password"]?.bytes == Array("hunter2".utf8))
        #expect(configuration.backends.allSatisfy { !text($0.resolvedJSON).contains("hunter2") })
    }

    @Test("Isolation and timeouts follow the resource and the document")
    func settings() throws {
        let result = try load(
            documents(
                resource("MCPGroup", "tools"),
                resource(
                    "VirtualMCPServer", "front",
                    spec: """
                        groupRef: {name: tools}
                        incomingAuth: {type: anonymous}
                        config: {operational: {timeouts: {default: 10s, perWorkload: {b: 1m30s}}}}
                        """),
                resource("MCPServer", "a", spec: "image: uvx://a\ngroupRef: {name: tools}"),
                resource("MCPServer", "b", spec: "image: uvx://a\ngroupRef: {name: tools}\nsessionIsolation: private")))
        let backends = try #require(result.configuration).backends
        #expect(backends.map(\.isolation) == [.auto, .private])
        #expect(backends.map(\.timeout) == [.seconds(10), .seconds(90)])
    }

    @Test("The folder of the defining file is where relative paths start")
    func folder() throws {
        let folder = try ConfigurationFolder([
            "a.yaml": documents(
                surroundings, resource("MCPServer", "a", spec: "image: exec:./run\ngroupRef: {name: tools}"))
        ])
        let configuration = try #require(loadConfiguration(ConfigurationFolder.sources([folder.path])).configuration)
        #expect(configuration.backends[0].baseDirectory == URL(fileURLWithPath: folder.path).standardizedFileURL.path)
        #expect(configuration.backends[0].place.hasPrefix("\(folder.path)/a.yaml:"))
    }

    @Test("An entry of a document becomes an MCPServerEntry, with headers of the environment")
    func listed() throws {
        let text = document(
            "backends: [{name: my-api, url: \"https://x.example.com/mcp\", transport: streamable, type: entry, caBundlePath: /ca.pem}]",
            without: "backends")
        let result = try load(text) {
            $0.environment = [
                "TOOLHIVE_HEADER_FORWARD_MY_API":
                    #"{"addPlaintextHeaders":{"X-A":"1"},"addHeadersFromSecret":{"X-Key":"HEADER_FORWARD_X_KEY_MY_API"}}"#,
                "TOOLHIVE_SECRET_HEADER_FORWARD_X_KEY_MY_API": "hunter2",
            ]
        }
        let configuration = try #require(result.configuration)
        let backend = configuration.backends[0]
        #expect(backend.kind == "MCPServerEntry" && backend.transportName == "streamable-http")
        #expect(
            self.text(backend.specJSON)
                == #"{"remoteUrl":"https://x.example.com/mcp","transport":"streamable-http","caBundlePath":"/ca.pem","#
                + #""headerForward":{"addPlaintextHeaders":{"X-A":"1"},"addHeadersFromSecret":[{"headerName":"X-Key","#
                + #""valueSecretRef":{"key":"value","name":"HEADER_FORWARD_X_KEY_MY_API"}}]}}"#)
        #expect(configuration.secrets.values.map(\.bytes) == [Array("hunter2".utf8)])
        #expect(self.text(backend.resolvedJSON).contains(#""HEADER_FORWARD_X_KEY_MY_API/value":"#))
    }

    @Test(
        "Headers of the environment that cannot be used are errors at the backend",
        arguments: [
            "not json", #"{"addPlaintextHeaders":{"Host":"a"}}"#, #"{"addHeadersFromSecret":{"X-Key":"UNSET"}}"#,
        ])
    func environment(text: String) throws {
        let result = try load(document()) { $0.environment = ["TOOLHIVE_HEADER_FORWARD_FETCH": text] }
        #expect(result.configuration == nil)
        #expect(result.errors.map(\.path) == ["backends[0]"])
    }

    @Test("A name that two kinds share is an error, since the name is the backend's id")
    func collision() throws {
        let result = try load(
            documents(
                surroundings, resource("MCPServer", "a", spec: "image: uvx://a\ngroupRef: {name: tools}"),
                resource("MCPRemoteProxy", "a", spec: "remoteUrl: https://x.example.com\ngroupRef: {name: tools}")))
        #expect(result.errors.map(\.path) == ["metadata.name"])
        #expect(result.errors[0].message.contains("each backend name once"))
    }

    @Test("A document serves the members of its group beside its own list, which wins")
    func joined() throws {
        let result = try load(files: [
            "a.yaml": document(),
            "b.yaml": documents(
                resource("MCPGroup", "demo"),
                resource("MCPServer", "time", spec: "image: uvx://a\ngroupRef: {name: demo}"),
                resource("MCPServer", "fetch", spec: "image: uvx://a\ngroupRef: {name: demo}")),
        ])
        let configuration = try #require(result.configuration)
        #expect(configuration.backends.map(\.name) == ["fetch", "time"])
        #expect(configuration.backends.map(\.kind) == ["MCPServerEntry", "MCPServer"])
        #expect(result.warnings.contains { $0.message.contains("the document lists a backend of this name") })
    }
}
