import MCPServerCore
import PluginAPI
import PluginKit
import Synchronization
import Testing

@Suite("Settings of a server")
struct ServerSettingsTests {
    @Test(
        "A wrong field is named",
        arguments: [
            ("", "spec.image"), (#""image":1"#, "spec.image"), (#""image":"docker://x""#, "container image"),
            (#""image":"exec:x","transport":"http""#, "spec.transport"),
            (#""image":"exec:x","args":[1]"#, "spec.args[0]"),
            (#""image":"exec:x","args":{}"#, "spec.args"), (#""image":"exec:x","env":[{"name":"A"}]"#, "spec.env[0]"),
            (#""image":"exec:x","env":[{"name":"A=B","value":""}]"#, "spec.env[0]"),
            (#""image":"exec:x","secrets":[{"name":"s","key":"k"}]"#, "spec.secrets[0]"),
            (#""image":"exec:x","mcpPort":0"#, "spec.mcpPort"), (#""image":"exec:x","mcpPort":"80""#, "spec.mcpPort"),
        ])
    func wrong(spec: String, part: String) {
        let refused = #expect(throws: TestInstance.Refused.self) { try server(spec) }
        #expect(refused?.message.contains(part) == true, "\(refused?.message ?? "")")
    }

    @Test(
        "Traits follow the transport",
        arguments: [
            ("stdio", [.shareable, .answersOnSession], false), ("streamable-http", [.hasHeaders], true),
            ("sse", [.hasHeaders, .answersOnSession], false),
        ] as [(String, BackendTraits, Bool)])
    func traits(transport: String, traits: BackendTraits, listens: Bool) throws {
        let backend = try #require(try server(#""image":"exec:server","transport":"\#(transport)""#).backend)
        #expect(backend.traits == traits.rawValue)
        #expect((backend.listen != nil) == listens)
    }

    @Test("A process gets its arguments, variables and secrets, and the folder of its file")
    func launch() throws {
        let host = TestHost(secrets: ["h1": "one", "h2": "two"])
        let instance = try server(
            #""image":"uvx://p@1","args":["--x","{port}"],"env":[{"name":"A","value":"b"}],"secrets":[{"name":"s","key":"K"},{"name":"s","key":"L","targetEnvName":"M"}]"#,
            resolved: #"{"secrets":{"s/K":"h1","s/L":"h2"}}"#, host: host)
        #expect(instance.open(1).outcome == .ok)
        let child = host.child()
        #expect(child.arguments == ["/bin/uvx", "p@1", "--x", "{port}"], "pipes have no port")
        #expect(child.environment.map { "\($0.0)=\($0.1)" } == ["A=b", "K=one", "M=two"])
        #expect(child.directory == "/base")
    }

    @Test("A secret that cannot be read starts nothing")
    func missingSecret() throws {
        let instance = try server(
            #""image":"exec:server","secrets":[{"name":"s","key":"K"}]"#, resolved: #"{"secrets":{"s/K":"h1"}}"#)
        let call = instance.open(1)
        #expect(call.outcome?.status == .unauthenticated && call.outcome?.message.contains("s/K") == true)
        #expect(instance.host.children.isEmpty)
    }

    @Test("A missing program is told at the start, and again by each open until it is there")
    func missingProgram() throws {
        let instance = try server(files: [])
        let start = TestCall()
        start.lent { instance.table.start(instance.opaque, $0) }
        #expect(start.outcome == .ok)
        #expect(instance.host.states.first?.hasPrefix("3 spec.image: 'uvx' is not on PATH: install uv") == true)
        let call = instance.open(1)
        #expect(call.outcome?.status == .unavailable && call.outcome?.notSent == true)
        #expect(call.outcome?.message.contains("install uv") == true)
    }

    @Test("What the host says about a spawn that failed is passed on")
    func refusedSpawn() throws {
        let instance = try server()
        instance.host.recorded.withLock { $0.refuseSpawn = "too many processes" }
        let call = instance.open(1)
        #expect(call.outcome == Outcome(.unavailable, "too many processes", notSent: true))
        #expect(instance.host.states == ["3 too many processes"])
        instance.host.recorded.withLock { $0.refuseSpawn = nil }
        #expect(instance.open(2).outcome == .ok)
        instance.host.child().say(#"{"id":1}"#)
        #expect(instance.host.states == ["3 too many processes", "1 "])
    }
}
