import PluginKit
import Synchronization

/// Writes what a server says to the log, and remembers its last lines on standard error: they usually say why the server
/// died.
final class LastWords: Sendable {
    /// Longest line in the log, in bytes.
    private static let maximumLine = 2_000
    /// Lines that are remembered, and characters of each.
    private static let remembered = 5
    private static let maximumWords = 300

    private struct State: Sendable {
        var last: [String] = []
        var allowance = LineAllowance()
    }

    private let host: HostServices
    private let state = Mutex(State())

    init(host: HostServices) { self.host = host }

    /// Takes a line.
    func take(_ line: RawSpan, from stream: ProcessStream = .error) {
        let bounded = line.withUnsafeBytes { String(decoding: $0.prefix(Self.maximumLine), as: UTF8.self) }
        let text = String(bounded.filter { !$0.isNewline && $0 != "\0" })
        guard !text.allSatisfy(\.isWhitespace) else { return }
        let now = host.timer.now
        let (isWritten, leftOut) = state.withLock { state in
            if stream == .error { state.last = state.last.suffix(Self.remembered - 1) + [text] }
            return state.allowance.pass(now: now)
        }
        if leftOut > 0 {
            host.log.warning(
                "server says more than the log takes; lines were left out", [Header("lines", "\(leftOut)")])
        }
        guard isWritten else { return }
        let name = stream == .error ? "stderr" : "stdout"
        host.log.info("server says", [Header("stream", name), Header("line", text)])
    }

    /// How a process ended.
    static func how(code: Int, signal: Int) -> String {
        signal != 0 ? "the server was ended by signal \(signal)" : "the server exited with code \(code)"
    }

    /// How a server ended, and what it said last, as one sentence.
    func end(_ how: String) -> String {
        let last = state.withLock { $0.last }.map { String($0.prefix(Self.maximumWords)) }
        return last.isEmpty ? how : "\(how): \(last.joined(separator: " / "))"
    }
}
