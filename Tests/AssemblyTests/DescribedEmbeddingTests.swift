import Foundation
import Gateway
import Host
import HostPlugins
import Logging
import Testing

@Suite("A described embedding library")
struct DescribedEmbeddingTests {
    @Test("The example gives normalized vectors, one by one and in batches, of the dimensions that are asked for")
    func example() async throws {
        let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "examples/described/embedding")
        let folder = FileManager.default.temporaryDirectory.appending(path: "vmcp-embedding-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        try FileManager.default.copyItem(
            at: source.appending(path: "plugin.yaml"), to: folder.appending(path: "plugin.yaml"))
        let gcc = Process()
        gcc.executableURL = URL(filePath: "/usr/bin/env")
        gcc.arguments = [
            "gcc", "-shared", "-fPIC", "-O2", "-o", folder.appending(path: "libembed.so").path,
            source.appending(path: "embed.c").path, "-lm",
        ]
        try gcc.run()
        gcc.waitUntilExit()
        #expect(gcc.terminationStatus == 0)

        let options = AssemblyOptions(pluginFolders: [folder.path], environment: [:])
        let plugins = try GatewayAssembly(options, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }).plugins
        let provider = try await plugins.embeddingProvider(
            named: "letter_pairs",
            configuration: InstanceConfiguration(
                apiVersion: "", kind: "letter_pairs", name: "test", baseDirectory: "",
                spec: Array(#"{"dimensions":32}"#.utf8)))
        #expect(provider.face.dimensions == 32)
        let texts = ["hello world", "hello there", "something else"]
        let batch = try await provider.face.embed(texts, kind: .document, context: CallContext())
        let one = try await provider.face.embed(["hello there"], kind: .query, context: CallContext())
        #expect(batch.values.count == 96 && batch.dimensions == 32)
        #expect(Array(batch.values[32..<64]) == one.values)
        #expect(one.model == "letter-pairs/1")
        func product(_ first: Int, _ second: Int) -> Float {
            (0..<32).reduce(0) { $0 + batch.values[first * 32 + $1] * batch.values[second * 32 + $1] }
        }
        #expect(abs(product(0, 0) - 1) < 1e-5)
        #expect(product(0, 1) > product(0, 2))
        await provider.stop()
        try FileManager.default.removeItem(at: folder)
    }
}
