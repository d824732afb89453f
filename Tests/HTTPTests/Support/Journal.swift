import Logging
import Synchronization

/// What happened, as lines of text, and a way to wait for one.
final class Journal: Sendable {
    private struct State {
        var lines: [String] = []
        var waiters: [(match: @Sendable (String) -> Bool, continuation: CheckedContinuation<String, Never>)] = []
    }

    private let state = Mutex(State())

    var lines: [String] { state.withLock { $0.lines } }

    func add(_ line: String) {
        let woken = state.withLock { state in
            state.lines.append(line)
            let woken = state.waiters.filter { $0.match(line) }
            state.waiters.removeAll { $0.match(line) }
            return woken
        }
        for waiter in woken { waiter.continuation.resume(returning: line) }
    }

    /// Returns the first line that begins so, now or later.
    @discardableResult
    func first(_ prefix: String) async -> String {
        await withCheckedContinuation { continuation in
            let found = state.withLock { state in
                let found = state.lines.first { $0.hasPrefix(prefix) }
                if found == nil { state.waiters.append(({ $0.hasPrefix(prefix) }, continuation)) }
                return found
            }
            if let found { continuation.resume(returning: found) }
        }
    }
}

/// A logger whose messages end in a journal.
struct JournalLogHandler: LogHandler {
    let journal: Journal
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        journal.add("\(event.level): \(event.message)")
    }
}
