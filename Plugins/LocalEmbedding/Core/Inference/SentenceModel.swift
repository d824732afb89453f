import Glibc
package import PluginKit

/// A model that is loaded and warm: text in, vector out.
package final class SentenceModel: Sendable {
    /// Identity of the model.
    package let identity: String
    /// Floats a vector.
    package let dimensions: Int
    /// Version of ONNX Runtime.
    package let runtimeVersion: String
    /// Bytes that the process grew by when it was loaded, the mapped library included.
    package let memory: UInt64

    private let tokenizer: WordPieceTokenizer
    private let session: OnnxSession
    private let maximumTokens: Int

    /// Checks the files, loads them, and runs the model once.
    ///
    /// - Throws: ``PluginError`` that says what is missing or wrong, and what to do.
    package init(_ folder: ModelFolder) throws(PluginError) {
        let before = Self.residentBytes
        tokenizer = try WordPieceTokenizer(Vocabulary(text: try folder.contents(.vocabulary)))
        let runtime = try OnnxRuntime(path: try folder.checkedPath(.runtime))
        session = try OnnxSession(runtime, model: try folder.contents(.model))
        identity = folder.identity
        dimensions = folder.dimensions
        maximumTokens = folder.maximumTokens
        runtimeVersion = runtime.version
        _ = try session.vector(of: tokenizer.numbers(of: "warm", limit: maximumTokens), count: dimensions)
        let after = Self.residentBytes
        memory = after > before ? after - before : 0
    }

    /// The vector of a text, of unit length.
    package func vector(of text: String) throws(PluginError) -> [Float] {
        try session.vector(of: tokenizer.numbers(of: text, limit: maximumTokens), count: dimensions)
    }

    /// Memory of the process that is in use, in bytes; 0 when the system does not say.
    private static var residentBytes: UInt64 {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [UInt8](repeating: 0, count: 256)
        let count = fread(&line, 1, line.count, file)
        let fields = String(decoding: line[..<count], as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = UInt64(fields[1]) else { return 0 }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
