import Crypto
import Foundation
import PluginKit

@testable import LocalEmbeddingCore

/// Where `make model` put the model, for tests that need a real one.
enum RealModel {
    /// Named by `VMCP_TEST_MODEL`, which scripts/test.sh sets; `nil` when there is no model.
    static let folder: String? = {
        guard let folder = ProcessInfo.processInfo.environment["VMCP_TEST_MODEL"],
            FileManager.default.fileExists(atPath: folder + "/" + ModelFolder.manifestName)
        else { return nil }
        return folder
    }()

    /// What is said where a test is left out.
    static let absent = "there is no model: run `make model`, and name its folder with VMCP_TEST_MODEL"
}

/// A model folder made of a few bytes, in a temporary folder that goes with it.
final class ModelFixture {
    let folder: String

    /// - Parameters:
    ///   - files: Content by name.
    ///   - change: What to do to the text of the manifest, which else fits the files.
    init(_ files: [String: Data] = ModelFixture.files, change: (String) -> String = { $0 }) throws {
        folder = NSTemporaryDirectory() + "vmcp-model-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, content) in files { try write(name, content) }
        let entries = ["model": "model.onnx", "vocabulary": "vocab.txt", "runtime": "libonnxruntime.so"].map {
            role, name in
            let content = files[name] ?? Data()
            let digest = SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined()
            return #""\#(role)":{"file":"\#(name)","bytes":\#(content.count),"sha256":"\#(digest)"}"#
        }
        let manifest = """
            {"format":1,"model":"tiny/1","dimensions":3,"maxTokens":16,"files":{\(entries.joined(separator: ","))}}
            """
        try write(ModelFolder.manifestName, Data(change(manifest).utf8))
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            print("left behind: \(folder): \(error)")
        }
    }

    static let files = [
        "model.onnx": Data("no graph".utf8), "vocab.txt": Data("[CLS]\n[SEP]\n[UNK]\n[PAD]\n[MASK]\n".utf8),
        "libonnxruntime.so": Data("no library".utf8),
    ]

    func write(_ name: String, _ content: Data) throws {
        try content.write(to: URL(fileURLWithPath: folder + "/" + name))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder + "/" + name)
    }

    /// Loads the folder as the plugin does, up to the first failure.
    func failure() -> PluginError? {
        do throws(PluginError) {
            _ = try SentenceModel(try ModelFolder(folder))
            return nil
        } catch {
            return error
        }
    }
}
