import Foundation
import Testing

@testable import HostConfiguration

@Suite("Outgoing strategies as plugins get them")
struct OutgoingStrategyTests {
    private func strategy(
        _ outgoing: String, environment: [String: String] = [:], backend: String = "fetch"
    ) throws -> (strategy: OutgoingStrategy, secrets: [String: SecretValue], errors: [String]) {
        let result = try load(document("outgoingAuth: \(outgoing)", without: "outgoingAuth")) {
            $0.environment = environment
            $0.servedStrategies = ["header_injection", "bearer_token", "token_exchange", "client_credentials", "hmac"]
        }
        let configuration = try #require(result.configuration, "\(result.errors)")
        #expect(configuration.notImplemented.map(\.description) == [])
        return (
            try #require(configuration.outgoingAuth.strategies[backend]), configuration.secrets,
            result.errors.map(\.message)
        )
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("A secret in a document becomes a reference, and its value is kept apart")
    func literal() throws {
        let (strategy, secrets, _) = try strategy(
            "{source: inline, default: {type: header_injection, headerInjection: {headerName: X-Key, headerValue: hush}}}"
        )
        #expect(strategy.type == "header_injection")
        #expect(
            text(strategy.specJSON)
                == #"{"headerName":"X-Key","valueSecretRef":{"name":"document","key":"headerValue"}}"#)
        #expect(!text(strategy.resolvedJSON).contains("hush"))
        let handle = try #require(secrets.first { $0.value == SecretValue("hush") }?.key)
        #expect(text(strategy.resolvedJSON) == "{\"secrets\":{\"document/headerValue\":\"\(handle)\"}}")
    }

    @Test("A secret may be in the environment")
    func environment() throws {
        let (strategy, secrets, _) = try strategy(
            """
            {source: inline, backends: {fetch: {type: client_credentials, clientCredentials: \
            {tokenUrl: "https://i/t", clientId: c, clientSecretEnv: SECRET, scopes: [a]}}}}
            """, environment: ["SECRET": "hush"])
        #expect(strategy.type == "client_credentials")
        #expect(
            text(strategy.specJSON)
                == #"{"tokenUrl":"https://i/t","clientId":"c","clientSecretRef":{"name":"document","key":"clientSecret"},"scopes":["a"]}"#
        )
        #expect(secrets.values.contains(SecretValue("hush")))
    }

    @Test("A secret may be in a file beside the document, and the file is known, to be read again")
    func file() throws {
        let folder = try ConfigurationFolder(["secret.txt": "hush\n"])
        let (strategy, secrets, _) = try strategy(
            "{source: inline, default: {type: bearer_token, bearerToken: {tokenFile: \"\(folder.path)/secret.txt\"}}}")
        #expect(text(strategy.specJSON) == #"{"tokenSecretRef":{"name":"document","key":"token"}}"#)
        #expect(secrets.values.map(\.bytes) == [Array("hush".utf8)])
        #expect(secrets.values.map(\.file) == ["\(folder.path)/secret.txt"])
    }

    @Test(
        "A file that holds no secret is an error that says why",
        arguments: [(nil, "is not there"), ("\n", "is empty")] as [(String?, String)])
    func uselessFile(content: String?, why: String) throws {
        let folder = try ConfigurationFolder(content.map { ["secret.txt": $0] } ?? [:])
        let outgoing =
            "{source: inline, default: {type: bearer_token, bearerToken: {tokenFile: \"\(folder.path)/secret.txt\"}}}"
        let result = try load(document("outgoingAuth: \(outgoing)", without: "outgoingAuth"))
        #expect(result.errors.map(\.path) == ["outgoingAuth.default.bearerToken.tokenFile"])
        #expect(result.errors.first?.message.hasSuffix("secret.txt \(why)") == true, "\(result.errors)")
    }

    @Test("A Secret that is mounted as a folder is found by its name, and a key that it lacks is named")
    func mounted() throws {
        let mount = try ConfigurationFolder([:])
        let files = FileManager.default
        try files.createDirectory(atPath: "\(mount.path)/s/..v1", withIntermediateDirectories: true)
        try Data("hush".utf8).write(to: URL(fileURLWithPath: "\(mount.path)/s/..v1/k"))
        try files.createSymbolicLink(atPath: "\(mount.path)/s/..data", withDestinationPath: "..v1")
        try files.createSymbolicLink(atPath: "\(mount.path)/s/k", withDestinationPath: "..data/k")
        func loaded(key: String) throws -> LoadResult {
            let text = documents(
                resource("MCPGroup", "tools"),
                resource(
                    "MCPExternalAuthConfig", "bearer",
                    spec: "type: bearerToken\nbearerToken: {tokenSecretRef: {name: s, key: \(key)}}"),
                resource(
                    "MCPServerEntry", "fetch",
                    spec: """
                        groupRef: {name: tools}
                        remoteUrl: https://example.com/mcp
                        transport: streamable-http
                        externalAuthConfigRef: {name: bearer}
                        """),
                resource(
                    "VirtualMCPServer", "gateway",
                    spec: "groupRef: {name: tools}\nincomingAuth: {type: anonymous}\noutgoingAuth: {source: discovered}"
                ))
            return try load(text) {
                $0.environment = ["VMCP_SECRET_PATH": "/nonexistent:\(mount.path)"]
                $0.servedStrategies = ["bearer_token"]
            }
        }
        let found = try loaded(key: "k")
        #expect(found.errors.isEmpty, "\(found.errors)")
        #expect(
            found.configuration?.secrets["default/s/k"] == SecretValue(Array("hush".utf8), file: "\(mount.path)/s/k"))
        let missing = try loaded(key: "key").errors
        #expect(missing.count == 1, "\(missing)")
        #expect(missing.first?.message.contains("found `key`, which it does not have") == true, "\(missing)")
    }

    @Test("A type that a plugin serves has its settings in `config`, as they are")
    func pluginType() throws {
        let (strategy, _, _) = try strategy("{source: inline, default: {type: hmac, config: {token: t, rounds: 3}}}")
        #expect(strategy.type == "hmac")
        #expect(text(strategy.specJSON) == #"{"token":"t","rounds":3}"#)
    }

    @Test("A backend's own entry wins over the default, and none is unauthenticated")
    func precedence() throws {
        let both = """
            {source: inline, default: {type: bearer_token, bearerToken: {token: d}}, \
            backends: {fetch: {type: unauthenticated}}}
            """
        #expect(try strategy(both).strategy == .unauthenticated)
        #expect(try strategy("{source: inline}").strategy == .unauthenticated)
    }

    @Test("A resource's own configuration is used when discovered, with its secrets as handles")
    func discovered() throws {
        let text = documents(
            resource("MCPGroup", "tools"),
            "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: hush}\n",
            resource(
                "MCPExternalAuthConfig", "exchange",
                spec: """
                    type: tokenExchange
                    tokenExchange: {tokenUrl: "https://i/t", audience: a, clientId: c, clientSecretRef: {name: s, key: k}}
                    """),
            resource("VirtualMCPServer", "v", spec: "groupRef: {name: tools}\nincomingAuth: {type: anonymous}"),
            resource(
                "MCPRemoteProxy", "remote",
                spec:
                    "remoteUrl: https://x.example.com/mcp\ngroupRef: {name: tools}\nexternalAuthConfigRef: {name: exchange}"
            ))
        let result = try load(text) { $0.servedStrategies = ["token_exchange"] }
        let configuration = try #require(result.configuration, "\(result.errors)")
        #expect(configuration.notImplemented.map(\.description) == [])
        let strategy = try #require(configuration.outgoingAuth.strategies["remote"])
        #expect(strategy.type == "token_exchange")
        #expect(self.text(strategy.specJSON).contains(#""clientSecretRef":{"name":"s","key":"k"}"#))
        #expect(self.text(strategy.resolvedJSON) == #"{"secrets":{"s/k":"default/s/k"}}"#)
        #expect(configuration.secrets["default/s/k"] == SecretValue("hush"))
    }

    @Test("A type that nobody serves is an error that lists those there are")
    func unknown() throws {
        let result = try load(
            document("outgoingAuth: {source: inline, default: {type: hmacs}}", without: "outgoingAuth")
        ) { $0.servedStrategies = ["hmac"] }
        #expect(result.errors.map(\.message).first?.contains("did you mean") == true)
        #expect(result.errors.map(\.path) == ["outgoingAuth.default.type"])
    }
}
