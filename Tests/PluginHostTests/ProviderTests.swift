import Gateway
import Testing

@testable import HostPlugins

@Suite("Auth strategies and embedding providers")
struct ProviderTests {
    private func host(_ defines: [String] = []) throws -> (PluginHost, FixturePlugin) {
        let manifest = FixturePlugin.manifest(provides: "vmcp.auth/1, vmcp.embedding/1", kinds: nil)
        let plugin = try FixturePlugin("provider", defines: defines, manifest: manifest)
        return (HandshakeTests.host([plugin.folder]), plugin)
    }

    private let request = AuthRequest(
        backend: "weather", method: "POST", url: "https://example.com/mcp", headers: [Header("authorization", "old")],
        body: Array("body".utf8))

    @Test("A strategy sees the request and its answer comes back whole")
    func authorize() async throws {
        let (host, plugin) = try host()
        let strategy = try await host.authStrategy(
            plugin: "fixture", configuration: RunningFixture.configuration(), timing: .patient)
        #expect(strategy.face.needsBody)
        #expect(!strategy.face.needsIdentity)
        let answer = try await strategy.face.authorize(request, context: CallContext(identity: 7))
        #expect(
            answer
                == AuthAnswer(
                    scope: .identity, set: [Header("x-method", "POST"), Header("x-body", "body")],
                    remove: ["authorization"], expiresAt: 1_234, cacheKey: Array("https://example.com/mcp".utf8)))
        // The fixture answers again after it resolved.
        #expect(host.plugins()[0].misbehaviour == [.emittedAfterEnd: 1])
        strategy.face.invalidate(Array("key".utf8))
        await strategy.stop()
        #expect(strategy.life == .destroyed)
        withExtendedLifetime(plugin) {}
    }

    @Test("No answer leaves the request as it is; another status fails it")
    func noAnswer() async throws {
        let (host, plugin) = try host()
        let strategy = try await host.authStrategy(
            plugin: "fixture", configuration: RunningFixture.configuration(), timing: .patient)
        var probe = request
        probe.purpose = .probe
        #expect(try await strategy.face.authorize(probe, context: CallContext()) == nil)
        let error = await #expect(throws: Outcome.self) {
            try await strategy.face.authorize(request, context: CallContext())
        }
        #expect(error == Outcome(.unauthenticated, message: "no identity"))
        withExtendedLifetime(plugin) {}
    }

    @Test("Texts become vectors, in order, with model and kind")
    func embed() async throws {
        let (host, plugin) = try host()
        let provider = try await host.embeddingProvider(
            plugin: "fixture", configuration: RunningFixture.configuration(), timing: .patient)
        #expect(provider.face.identity == "tiny/1")
        #expect(provider.face.dimensions == 2)
        #expect(provider.face.maximumBatch == 3)
        let vectors = try await provider.face.embed(["a", "", "ccc"], kind: .query, context: CallContext())
        #expect(vectors == Vectors(dimensions: 2, values: [1, 2, 0, 2, 3, 2], model: "tiny/1"))
        withExtendedLifetime(plugin) {}
    }

    @Test("A provider is found by the name that its manifest gives it; another name says which there are")
    func byName() async throws {
        let manifest = FixturePlugin.manifest(provides: "vmcp.auth/1, vmcp.embedding/1", kinds: nil)
        let plugin = try FixturePlugin("provider", manifest: manifest + "\nembeddings: [tiny]\n")
        let host = HandshakeTests.host([plugin.folder])
        #expect(host.embeddings == ["tiny": "fixture"])
        let provider = try await host.embeddingProvider(
            named: "tiny", configuration: RunningFixture.configuration(), timing: .patient)
        #expect(provider.face.identity == "tiny/1")
        let error = await #expect(throws: PluginLoadError.self) {
            try await host.embeddingProvider(named: "huge", configuration: RunningFixture.configuration())
        }
        #expect(error?.reason == .noPlugin)
        #expect(error?.found == "plugins for tiny")
        withExtendedLifetime(plugin) {}
    }

    @Test("Answers that break their contract are not used")
    func badAnswers() async throws {
        let (host, plugin) = try host(["BAD_ANSWERS"])
        let strategy = try await host.authStrategy(
            plugin: "fixture", configuration: RunningFixture.configuration(), timing: .patient)
        let failure = await #expect(throws: Outcome.self) {
            try await strategy.face.authorize(request, context: CallContext(identity: 7))
        }
        #expect(failure?.status == .protocolError)
        let provider = try await host.embeddingProvider(
            plugin: "fixture", configuration: RunningFixture.configuration(), timing: .patient)
        let error = await #expect(throws: Outcome.self) {
            try await provider.face.embed(["a"], kind: .document, context: CallContext())
        }
        #expect(error?.status == .protocolError)
        #expect(host.plugins()[0].misbehaviour[.badAnswer] == 2)
        withExtendedLifetime(plugin) {}
    }

    @Test("A cancelled task advises the plugin, which ends the call")
    func cancelled() async throws {
        let (host, plugin) = try host()
        let strategy = try await host.authStrategy(
            plugin: "fixture", configuration: RunningFixture.configuration(), timing: .patient)
        var teardown = request
        teardown.purpose = .teardown
        let task = Task { [teardown] in try await strategy.face.authorize(teardown, context: CallContext()) }
        try await until { strategy.counts.pending == 1 }
        task.cancel()
        let error = await #expect(throws: Outcome.self) { try await task.value }
        #expect(error == Outcome(.cancelled))
        try await until { strategy.counts.pending == 0 }
        withExtendedLifetime(plugin) {}
    }

    @Test("A provider is no backend")
    func wrongFace() async throws {
        let plugin = try FixturePlugin("talker")
        let host = HandshakeTests.host([plugin.folder])
        let error = await #expect(throws: PluginLoadError.self) {
            try await host.authStrategy(
                plugin: "fixture", configuration: RunningFixture.configuration(), timing: .patient)
        }
        #expect(error?.reason == .missingCapability)
    }
}
