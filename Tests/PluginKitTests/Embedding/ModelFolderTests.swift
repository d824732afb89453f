import Foundation
import PluginKit
import Testing

@testable import LocalEmbeddingCore

@Suite("Model folders")
struct ModelFolderTests {
    @Test("Without a model the error names the folder and the command that makes one")
    func missing() {
        let error = #expect(throws: PluginError.self) { try ModelFolder("/nowhere/model") }
        #expect(error?.status == .notFound)
        #expect(error?.message.contains("/nowhere/model") == true)
        #expect(error?.message.contains("make model") == true)
    }

    static let manifests: [(change: @Sendable (String) -> String, expected: String)] = [
        ({ _ in "" }, "JSON: expected"), ({ _ in "[]" }, "expected format 1"),
        ({ $0.replacing(#""format":1"#, with: #""format":2"#) }, "expected format 1"),
        ({ $0.replacing(#""dimensions":3"#, with: #""dimensions":0"#) }, "expected format 1"),
        ({ $0.replacing(#""maxTokens":16"#, with: #""maxTokens":513"#) }, "maxTokens"),
        ({ $0.replacing("vocab.txt", with: "../vocab.txt") }, "files.vocabulary"),
        ({ $0.replacing(#""runtime""#, with: #""engine""#) }, "files.runtime"),
    ]

    @Test("A manifest that cannot serve says what was expected", arguments: manifests.indices)
    func manifest(index: Int) throws {
        let fixture = try ModelFixture(change: Self.manifests[index].change)
        let failure = fixture.failure()
        #expect(failure?.status == .invalid)
        #expect(failure?.message.contains(Self.manifests[index].expected) == true, "\(failure?.message ?? "")")
        #expect(failure?.message.contains("make model") == true)
    }

    @Test("A truncated file, another content, a missing file and one that everybody may write are told by their path")
    func files() throws {
        var fixture = try ModelFixture()
        try fixture.write("vocab.txt", Data("[CLS]\n".utf8))
        #expect(fixture.failure()?.message.contains("vocab.txt has 6 bytes, expected 31; run `make model`") == true)

        fixture = try ModelFixture()
        try fixture.write("libonnxruntime.so", Data("ho library".utf8))
        let failure = fixture.failure()?.message ?? ""
        #expect(failure.contains("libonnxruntime.so has SHA-256 ") && failure.contains("make model"), "\(failure)")

        fixture = try ModelFixture()
        try FileManager.default.removeItem(atPath: fixture.folder + "/libonnxruntime.so")
        #expect(fixture.failure()?.message.contains("libonnxruntime.so cannot be read: No such file") == true)

        fixture = try ModelFixture()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o666], ofItemAtPath: fixture.folder + "/libonnxruntime.so")
        #expect(fixture.failure()?.message.contains("libonnxruntime.so can be written by everybody") == true)

        fixture = try ModelFixture()
        try FileManager.default.removeItem(atPath: fixture.folder + "/vocab.txt")
        try FileManager.default.createDirectory(
            atPath: fixture.folder + "/vocab.txt", withIntermediateDirectories: true)
        #expect(fixture.failure()?.message.contains("vocab.txt is no regular file") == true)
    }

    @Test("A runtime that is no library, or another library, is refused")
    func runtime() throws {
        let text = try ModelFixture().failure()?.message ?? ""
        #expect(text.contains("libonnxruntime.so cannot be opened as a shared library"), "\(text)")

        let other = try #require(
            ["/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6", "/lib64/libm.so.6"]
                .first { FileManager.default.fileExists(atPath: $0) })
        var files = ModelFixture.files
        files["libonnxruntime.so"] = try Data(contentsOf: URL(fileURLWithPath: other))
        let failure = try ModelFixture(files).failure()?.message ?? ""
        #expect(failure.contains("is not ONNX Runtime: it has no OrtGetApiBase"), "\(failure)")
    }

    static let places: [(spec: String, environment: String?, folder: String)] = [
        ("{}", nil, "/opt/vmcp/model"), ("{}", "", "/opt/vmcp/model"), ("{}", "/m", "/m"),
        (#"{"embeddingModel":"/x/y"}"#, "/m", "/x/y"), (#"{"embeddingModel":"y"}"#, nil, "/base/y"),
        (#"{"embeddingModel":""}"#, "/m", "/m"),
    ]

    @Test(
        "The folder is that of the configuration, then of the environment, then beside the program", arguments: places)
    func place(spec: String, environment: String?, folder: String) throws {
        let json = #"{"kind":"local","baseDirectory":"/base","spec":\#(spec)}"#
        let settings = try LocalSettings(
            PluginConfiguration(json: Array(json.utf8)), environment: environment, executable: "/opt/vmcp")
        #expect(settings.folder == folder)
    }

    @Test(
        "As many threads as the configuration says, else half of the processors and at most four",
        arguments: [("{}", 1, 1), ("{}", 2, 1), ("{}", 6, 3), ("{}", 64, 4), (#"{"embeddingThreads":7}"#, 2, 7)])
    func threads(spec: String, processors: Int, threads: Int) throws {
        let configuration = try PluginConfiguration(json: Array(#"{"spec":\#(spec)}"#.utf8))
        #expect(try LocalSettings(configuration, processors: processors).threads == threads)
    }
}
