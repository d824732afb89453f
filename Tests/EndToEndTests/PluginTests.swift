import Foundation
import Testing

extension EndToEnd {
    /// Backend kinds that are added by dropping a folder, and plugins that are refused.
    @Suite("Plugins")
    struct PluginTests {
        static let examples = Places.repository.appending(path: "examples/plugins")

        /// Builds examples with the project's own makefile; each ends in a folder named like it.
        static func build(_ targets: [String], into folder: URL) async throws {
            let (status, output, errors) = try await ChildProcess.run(
                try Places.program("make"), ["-C", examples.path, "OUT=\(folder.path)"] + targets)
            guard status == 0 else { throw TestFailure("make \(targets) failed:\n\(output)\n\(errors)") }
        }

        @Test(
            "A template plugin, compiled here, serves a new kind", .timeLimit(.minutes(3)),
            arguments: [("template-c", "gcc", "Shout"), ("template-rust", "rustc", "ShoutRust")])
        func template(name: String, compiler: String, kind: String) async throws {
            _ = try Places.program(compiler)
            try await withTemporaryFolder { folder in
                try await Self.build(["all"], into: folder)
                var resources = Resources()
                resources.add(kind, "loud", "greeting: 'Hear: '", apiVersion: "plugins.example.com/v1")
                try resources.addRaw("raw")
                try await RunningGateway.serve(resources, plugins: [folder.appending(path: name)]) { gateway in
                    let client = try await gateway.client()
                    #expect(try await Set(client.toolNames()).isSuperset(of: ["loud_shout", "raw_echo"]))
                    #expect(try await client.call("loud_shout", #"{"text":"plugins"}"#).toolText == "Hear: PLUGINS")
                    #expect(try await gateway.status(of: "loud")["health"] == "healthy")
                }
            }
        }

        @Test("A Swift package of its own serves a new kind", .timeLimit(.minutes(10)))
        func swiftPackage() async throws {
            try await withTemporaryFolder { folder in
                try await Self.build(["swift"], into: folder)
                var resources = Resources()
                resources.add("Units", "units", "digits: 2", apiVersion: "plugins.example.com/v1")
                try await RunningGateway.serve(resources, plugins: [folder]) { gateway in
                    let client = try await gateway.client()
                    let result = try await client.call("units_convert", #"{"value":1,"from":"km","to":"m"}"#)
                    #expect(result.toolText == "1.0 km = 1000.0 m")
                }
            }
        }

        @Test(
            "A strategy in C, compiled here and dropped in as a folder, signs what is sent", .timeLimit(.minutes(3)))
        func strategy() async throws {
            try await withTemporaryFolder { folder in
                try await Self.build(["all"], into: folder)
                let backend = try await FixtureServer.raw("ok")
                var resources = Resources()
                resources.addPlain("Secret", "signing", apiVersion: "v1", "stringData: {key: 0123456789abcdef}")
                resources.addPlain(
                    "MCPExternalAuthConfig", "signing", apiVersion: "toolhive.stacklok.dev/v1beta1",
                    "spec: {type: siphash, config: {keySecretRef: {name: signing, key: key}}}")
                resources.addRemote("remote", backend.url, extra: "externalAuthConfigRef: {name: signing}")
                try await RunningGateway.serve(resources, plugins: [folder.appending(path: "auth-c")]) { gateway in
                    let client = try await gateway.client()
                    _ = try await client.call("remote_echo", #"{"text":"signed"}"#)
                    let headers = try await backend.lastHeaders()
                    let body = try #require(headers["test-body"]?.string)
                    #expect(body.contains("signed"))
                    let text = "POST\n\(backend.url)\n\(body)"
                    #expect(headers["x-signature"]?.string == "siphash \(SipHash.hex(text, key: "0123456789abcdef"))")
                }
            }
        }

        @Test("Without the plugin its kind is an error that names kind and place", .timeLimit(.minutes(1)))
        func missing() async throws {
            var resources = Resources()
            resources.add("Shout", "loud", "greeting: 'Hear: '", apiVersion: "plugins.example.com/v1")
            let (status, _, errors) = try await VMCPCommand.run("validate", resources)
            #expect(status == 1)
            #expect(errors.contains("Shout") && errors.contains("resources.yaml:"), "\(errors)")
        }

        @Test(
            "A specification that the plugin's schema refuses is an error before anything starts",
            .timeLimit(.minutes(1)))
        func badSpecification() async throws {
            try await withTemporaryFolder { folder in
                try await Self.build(["all"], into: folder)
                var resources = Resources()
                resources.add("Shout", "loud", "greeting: [1]", apiVersion: "plugins.example.com/v1")
                let (status, _, errors) = try await VMCPCommand.run("validate", resources, plugins: [folder])
                #expect(status == 1)
                #expect(errors.contains("greeting"), "\(errors)")
            }
        }

        /// Ways to spoil the folder of a built plugin.
        enum Damage: String, Sendable, CaseIterable, CustomStringConvertible {
            case worldWritable, missing, noLibrary, foreignArchitecture, otherContents
            var description: String { rawValue }

            /// What the refusal must speak of.
            var word: String { self == .worldWritable ? "mode 777" : "libshout.so" }

            func apply(to folder: URL) throws {
                let library = folder.appending(path: "libshout.so")
                switch self {
                case .worldWritable:
                    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: library.path)
                case .missing: try FileManager.default.removeItem(at: library)
                case .noLibrary: try Data("not a library".utf8).write(to: library)
                case .foreignArchitecture:
                    var bytes = try Data(contentsOf: library)
                    // e_machine (ELF, offset 18): 0xF3 is RISC-V.
                    bytes[18] = 0xF3
                    bytes[19] = 0
                    try bytes.write(to: library)
                case .otherContents:
                    let manifest = folder.appending(path: "plugin.yaml")
                    let text = try String(contentsOf: manifest, encoding: .utf8)
                    try Data(text.replacing("id: template-c", with: "id: something-else").utf8).write(to: manifest)
                }
            }
        }

        @Test(
            "A plugin that is refused stops the gateway only where a resource needs it", .timeLimit(.minutes(2)),
            arguments: Damage.allCases)
        func refused(damage: Damage) async throws {
            try await withTemporaryFolder { folder in
                try await Self.build(["all"], into: folder)
                let plugin = folder.appending(path: "template-c")
                try damage.apply(to: plugin)
                var resources = Resources()
                try resources.addRaw("raw")
                try await RunningGateway.serve(resources, plugins: [plugin]) { gateway in
                    let result = try await gateway.client().call("raw_echo", #"{"text":"x"}"#)
                    #expect(result.toolText == "raw: x")
                }
                resources.add("Shout", "loud", "greeting: 'Hear: '", apiVersion: "plugins.example.com/v1")
                let serve = try await VMCPCommand.run("serve", resources, plugins: [plugin], ["--port", "0"])
                #expect(serve.status == 1)
                #expect(serve.errors.contains(damage.word), "\(serve.errors)")
                let check = try await ChildProcess.run(Places.vmcp.path, ["plugins", "check", plugin.path])
                #expect(check.status == 1)
                #expect((check.errors + check.output).contains(damage.word), "\(check.errors)\(check.output)")
            }
        }

        @Test("`plugins list` shows the shipped plugins and what they serve", .timeLimit(.minutes(1)))
        func list() async throws {
            let (status, output, errors) = try await ChildProcess.run(
                Places.vmcp.path, ["plugins", "list", "--plugins", Places.plugins.path])
            #expect(status == 0, "\(errors)")
            for word in ["MCPServer", "MCPRemoteProxy", "MCPServerEntry"] {
                #expect(output.contains(word), "\(output)")
            }
        }
    }
}
