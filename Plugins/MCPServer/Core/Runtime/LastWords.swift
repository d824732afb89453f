import PluginKit
import Synchronization

/// Writes what a server says to the log, and remembers its last line on standard error: it usually says why the server
/// died.
final class LastWords: Sendable {
    /// Longest line in the log, in bytes.
    private static let maximumLine = 2_000
    private let host: HostServices
    private let last = Mutex("")

    init(host: HostServices) { self.host = host }

    /// Takes a line.
    func take(_ line: RawSpan, from stream: ProcessStream = .error) {
        let bounded = line.withUnsafeBytes { String(decoding: $0.prefix(Self.maximumLine), as: UTF8.self) }
        let text = String(bounded.filter { !$0.isNewline && $0 != "\0" })
        guard !text.allSatisfy(\.isWhitespace) else { return }
        if stream == .error { last.withLock { $0 = text } }
        let name = stream == .error ? "stderr" : "stdout"
        host.log.info("server says", [Header("stream", name), Header("line", text)])
    }

    /// How a process ended.
    static func how(code: Int, signal: Int) -> String {
        signal != 0 ? "the server was ended by signal \(signal)" : "the server exited with code \(code)"
    }

    /// How a server ended, and what it said last, as one sentence.
    func end(_ how: String) -> String {
        let last = last.withLock { $0 }
        return last.isEmpty ? how : "\(how): \(last.prefix(300))"
    }
}
