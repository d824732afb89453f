import Foundation
import PluginAPI
import PluginKit
import Testing

@testable import LocalEmbeddingCore

@Suite("The local model", .enabled(if: RealModel.folder != nil, Comment(rawValue: RealModel.absent)))
struct LocalModelTests {
    private func fixture() throws -> EmbeddingFixture {
        try EmbeddingFixture(
            LocalEmbeddingPlugin.definition, kind: "local",
            spec: #"{"embeddingModel":"\#(try #require(RealModel.folder))","embeddingThreads":2}"#)
    }

    private func cosine(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map(*).reduce(0, +) }

    @Test("Texts become unit vectors that are near when their meanings are, whatever the company")
    func meanings() async throws {
        let fixture = try fixture()
        #expect(fixture.model == nil && fixture.dimensions == 0)
        #expect(fixture.embed(["early"]).outcome?.status == .unavailable)
        let start = fixture.start()
        #expect(await start.ended().outcome == .ok)
        #expect(start.progress.first?.hasPrefix("loading all-MiniLM-L6-v2/") == true)
        #expect(fixture.model?.hasPrefix("all-MiniLM-L6-v2/") == true)
        #expect(fixture.dimensions == 384)

        let texts = [
            "create an issue in the bug tracker", "open a new ticket for a defect", "weather tomorrow in Paris",
        ]
        let together = fixture.embed(texts + ["", String(repeating: "long words ", count: 5_000)])
        #expect(await together.call.ended().outcome == .ok)
        let rows = try #require(together.answer?.rows)
        #expect(together.answer?.model == fixture.model)
        #expect(rows.count == 5)
        for row in rows { #expect(abs(cosine(row, row) - 1) < 1e-4) }
        #expect(cosine(rows[0], rows[1]) > 0.4)
        #expect(cosine(rows[0], rows[2]) < 0.3)
        for (text, row) in zip(texts, rows) {
            let alone = fixture.embed([text], as: .query)
            _ = await alone.call.ended()
            #expect(alone.answer?.rows == [row], "the vector of '\(text)' depends on its company")
        }

        let many = fixture.embed([String](repeating: "x", count: fixture.maximumBatch + 1))
        #expect(many.outcome?.status == .invalid)
        var usage = vmcp_usage()
        usage.struct_size = UInt32(MemoryLayout<vmcp_usage>.size)
        let resources = try #require(fixture.instance.capability(VMCP_RESOURCES, as: vmcp_resources.self))
        resources.usage(fixture.instance.opaque, &usage)
        #expect(usage.memory_bytes > 1 << 20 && usage.memory_bytes < 1 << 30)

        let end = fixture.instance.quiesce()
        #expect(await end.ended().outcome == .ok)
        #expect(fixture.embed(["late"]).outcome?.status == .unavailable)
    }

    @Test("Without a model, start fails with the folder and the command; nothing else is harmed")
    func absent() async throws {
        let fixture = try EmbeddingFixture(
            LocalEmbeddingPlugin.definition, kind: "local", spec: #"{"embeddingModel":"/nowhere/model"}"#)
        let ending = await fixture.start().ended()
        #expect(ending.outcome.status == .notFound)
        #expect(ending.outcome.message.contains("/nowhere/model") && ending.outcome.message.contains("make model"))
        #expect(fixture.model == nil && fixture.host.lines.isEmpty)
    }

    @Test("A model that is replaced while it runs changes nothing for those who loaded it")
    func replaced() async throws {
        let real = try #require(RealModel.folder)
        let folder = NSTemporaryDirectory() + "vmcp-model-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: real, toPath: folder)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder) } }
        let running = try EmbeddingFixture(
            LocalEmbeddingPlugin.definition, kind: "local", spec: #"{"embeddingModel":"\#(folder)"}"#)
        #expect(await running.start().ended().outcome == .ok)
        let before = running.embed(["the same text"])
        _ = await before.call.ended()
        let model = URL(fileURLWithPath: folder + "/model.onnx")
        try FileManager.default.removeItem(at: model)
        try Data("another model".utf8).write(to: model)
        let after = running.embed(["the same text"])
        #expect(await after.call.ended().outcome == .ok)
        #expect(after.answer == before.answer && after.answer != nil)

        let next = try EmbeddingFixture(
            LocalEmbeddingPlugin.definition, kind: "local", spec: #"{"embeddingModel":"\#(folder)"}"#)
        let outcome = await next.start().ended().outcome
        #expect(outcome.status == .invalid && outcome.message.contains("model.onnx has 13 bytes"), "\(outcome)")
    }

    @Test("A graph that is no graph is refused in the runtime's own words")
    func noGraph() throws {
        let real = try #require(RealModel.folder)
        var files = ModelFixture.files
        files["libonnxruntime.so"] = try Data(contentsOf: URL(fileURLWithPath: real + "/libonnxruntime.so"))
        let failure = try ModelFixture(files).failure()?.message ?? ""
        #expect(failure.contains("could not load the model"), "\(failure)")
    }

    @Test(
        "The tokenizer's numbers are those of the golden file, and the vectors are near its own",
        .enabled(if: Golden.folder != nil, "VMCP_RETRIEVAL_DATA names no folder with wordpiece-golden.jsonl"))
    func golden() throws {
        let folder = try ModelFolder(try #require(RealModel.folder))
        let tokenizer = try WordPieceTokenizer(Vocabulary(text: try folder.contents(.vocabulary)))
        let model = try SentenceModel(folder)
        let cases = try Golden.cases()
        #expect(cases.count >= 100)
        for golden in cases {
            let numbers = tokenizer.numbers(of: golden.text, limit: folder.maximumTokens)
            #expect(numbers == golden.ids, "\(golden.text)")
            let vector = try model.vector(of: golden.text)
            let farthest = zip(vector, golden.embedding8).map { abs($0 - $1) }.max() ?? 1
            // int8 against fp32; 0.026 is the most that was measured.
            #expect(farthest < 0.04, "\(golden.text): \(farthest)")
        }
    }

    /// `wordpiece-golden.jsonl` in the folder that `VMCP_RETRIEVAL_DATA` names: numbers and vectors of the reference.
    enum Golden {
        struct Case: Decodable {
            let text: String
            let ids: [Int32]
            let embedding8: [Float]
        }

        static let folder = ProcessInfo.processInfo.environment["VMCP_RETRIEVAL_DATA"]

        static func cases() throws -> [Case] {
            let url = URL(fileURLWithPath: try #require(folder) + "/wordpiece-golden.jsonl")
            return try Data(contentsOf: url).split(separator: 0x0A).map {
                try JSONDecoder().decode(Case.self, from: $0)
            }
        }
    }
}
